"""What is a matter of security is not told of before its day."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.report import findings

TODAY = dt.date(2026, 6, 1)
OPEN = "not yet reported"


def text(disclosed: str, mark: str = " ⚠") -> str:
    line = f"- Disclosed: {disclosed}\n" if disclosed else ""
    return (
        "# Findings\n\n| id | software | requirement | what |\n|---|---|---|---|\n"
        f"| F-STORE-01 | Store | XFER-001 | It serves everybody{mark} |\n"
        "| F-STORE-02 | Store | XFER-002 | It is slow |\n\n## Store\n\n"
        f"### F-STORE-01 It serves everybody{mark}\n\n- Software: Store 1.0\n- Seen: by curl\n{line}\n"
        "```console\n$ curl secret-recipe\n```\n\n"
        "### F-STORE-02 It is slow\n\n- Software: Store 1.0\n\n## Other\n\nThe end.\n"
    )


@pytest.mark.parametrize("disclosed", [OPEN, "2026-06-02, by its release", "soon", ""])
def test_it_is_withheld_until_its_day(disclosed: str) -> None:
    shown = findings.published(text(disclosed), TODAY)
    for word in ("everybody", "curl", "XFER-001"):
        assert word not in shown
    for word in ("### F-STORE-01 Withheld", "| F-STORE-01 | Store |", "Store 1.0", "It is slow"):
        assert word in shown
    assert shown.endswith("## Other\n\nThe end.\n")
    assert "1 finding is withheld, not disclosed yet: F-STORE-01." in findings.notice(
        text(disclosed), TODAY
    )


@pytest.mark.parametrize(
    ("disclosed", "mark"), [("2026-06-01, by its release", " ⚠"), (OPEN, ""), ("", "")]
)
def test_what_is_disclosed_or_harmless_is_shown(disclosed: str, mark: str) -> None:
    told = text(disclosed, mark)
    assert findings.published(told, TODAY) == told
    assert not findings.notice(told, TODAY)


def test_of_the_real_ones_no_open_one_is_told_of() -> None:
    told = findings.load()
    today = dt.date(2026, 11, 22)
    hidden = [one for one in findings.read(told) if one.withheld(today)]
    assert hidden
    shown = findings.published(told, today)
    for one in hidden:
        section = shown.partition(f"### {one.id} ")[2].partition("\n##")[0]
        assert "$ " not in section
        assert "Seen:" not in section
