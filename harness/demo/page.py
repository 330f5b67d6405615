"""The page that follows a demonstration live, or replays it: one file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.demo.events import Stamped
from harness.report.site.templating import script
from harness.translation import Speaker, tag


def page(tr: Speaker, *, recorded: Iterable[Stamped] | None = None) -> str:
    """Return the page: it follows a server's events, or has the `recorded` ones in itself."""
    found = Environment(
        loader=PackageLoader("harness.demo"), autoescape=True, undefined=StrictUndefined
    )
    found.globals["_"] = tr
    style = _file("harness.report.site", "assets/style.css") + _file(
        "harness.demo", "templates/page.css"
    )
    code = _file("harness.demo", "templates/page.js")
    words = {
        "live": recorded is None,
        "marks": {"done": "✓", "declined": "⊘", "failed": "✗"},
        "columns": [tr("Figure"), tr("Value"), tr("Wanted"), ""],
        "right": tr("✓ right"),
        "wrong": tr("✗ wrong"),
    }
    return found.get_template("page.html").render(
        name=tr("Interoperability testbed"),
        tag=tag(tr.language),
        recorded=recorded is not None,
        policy=_policy(style, code),
        style=Markup(style),  # noqa: S704, ours
        script=Markup(code),  # noqa: S704, ours
        words=script(words),
        events=script([one.model_dump(mode="json") for one in recorded or ()]),
    )


def _policy(style: str, code: str) -> str:
    """Return what the page may do: run its own script, and ask the server that it came from."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(code)}; "
        "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


def _file(package: str, path: str) -> str:
    return resources.files(package).joinpath(path).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
