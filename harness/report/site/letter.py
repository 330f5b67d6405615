"""A site's page as one file for a mail: its style is within it; it fetches nothing and runs no script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from harness.errors import BadInput
from harness.names import slug
from harness.report.findings import Finding
from harness.report.site import sites
from harness.report.site.editions import Edition
from harness.report.site.night import Night
from harness.report.site.templating import environment
from harness.translation import ENGLISH

_STYLE = Path(__file__).parent / "assets" / "style.css"
_LINK = re.compile(r'<a (?:[^>]* )?href="(?!#|[a-z]+:)[^"]*"[^>]*>(.*?)</a>', re.S)
"""A link to another page of the night: relative, so that it leads nowhere from a mail."""


def text(
    night: Night,
    site: str,
    findings: Sequence[Finding],
    *,
    address: str,
    language: str = ENGLISH,
) -> str:
    """Return the page of a site as one file.

    `address` is where readers find the published pages, to which its links lead; where it is empty, what
    would be a link is text.

    Raises
    ------
    BadInput
        where no route of the night leads to such a site.
    """
    known = sites.names(night)
    if site not in known:
        raise BadInput(
            f"--site {site}: no route of the run {night.id} leads to it; its sites are "
            f"{', '.join(known)}."
        )
    page = (
        environment(language)
        .get_template("site.html")
        .render(
            **sites.words(night, site, findings),
            night=night,
            run=night.statement.run,
            scope=night.statement.scope,
            frame="alone.html",
            style=Markup(_STYLE.read_text(encoding="utf-8")),  # noqa: S704, our own
            address=address,
            page=f"{Edition(language).folder}sites/{slug(site)}.html",
            up=(place := f"{address}/{night.id}/" if address else ""),
            own=place,
        )
    )
    return page if address else _LINK.sub(r"\1", page)
