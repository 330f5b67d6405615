"""What an import did, as people read it: tables that fit a narrow terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from harness.importers.export import Remark
from harness.importers.plan import Plan
from harness.printable import printable

_EXAMPLES = 3
_FILES = 5


def show(plan: Plan, *, each: bool, written: bool, console: Console) -> None:
    """Print what was written, left out, changed and kept, and what is next.

    Parameters
    ----------
    each
        list everything that was left out or changed, where otherwise what has the same reason stands
        together, with a few examples.
    written
        whether the files were written.
    """
    export, folder = plan.export, plan.folder
    sites = {one.site for one in export.services}
    console.print(
        f"{export.source}: {len(export.services)} services of {len(sites)} sites, "
        f"{len(export.downtimes)} downtimes read for {escape(str(folder))}"
        + (f"; {plan.known} services stand there by hand already" if plan.known else ""),
        highlight=False,
    )
    names = [
        f"{'new' if file.before is None else 'changed'} {file.path}" for file in plan.draft.files
    ]
    for name in names if each else names[:_FILES]:
        console.print(Text(name), soft_wrap=True)
    if not each and len(names) > _FILES:
        console.print(f"and {len(names) - _FILES} more files", highlight=False)
    if not names:
        console.print("nothing changed, so nothing was written", highlight=False)
    elif not written:
        console.print("nothing was written (--dry-run)", highlight=False)
    _table("left out", export.left_out, each=each, console=console)
    _table("written otherwise", export.changed, each=each, console=console)
    _table("kept as it is", plan.kept, each=each, console=console)
    if plan.blanks and names:
        console.print(
            f"{plan.blanks} values in these files are still to be filled in", highlight=False
        )
    console.print("Next:")
    for step in plan.draft.steps:
        console.print(Text(f"- {step}"), soft_wrap=True)


def _table(title: str, remarks: Iterable[Remark], *, each: bool, console: Console) -> None:
    """Print what happened to what, and why; what has the same reason stands together."""
    reasons: dict[str, list[str]] = {}
    for remark in remarks:
        reasons.setdefault(remark.why, []).append(remark.what)
    if not reasons:
        return
    total = sum(map(len, reasons.values()))
    table = Table(title=f"{title}: {total}", title_justify="left", show_lines=True)
    table.add_column("", justify="right")
    table.add_column("what", overflow="fold", ratio=1)
    table.add_column("why", overflow="fold", ratio=1)
    for why, whats in sorted(reasons.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        distinct = list(dict.fromkeys(map(printable, whats)))
        listed = distinct if each else distinct[:_EXAMPLES]
        more = f"\nand {len(distinct) - len(listed)} more" if len(distinct) > len(listed) else ""
        table.add_row(str(len(whats)), Text("\n".join(listed) + more), Text(printable(why)))
    console.print(table)
    if not each and any(len(set(whats)) > _EXAMPLES for whats in reasons.values()):
        console.print("--each lists them all", highlight=False)
