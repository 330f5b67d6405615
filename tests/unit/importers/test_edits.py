"""What people write into imported files is kept, whatever the registry says the next time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from harness import inventory
from harness.conformance import downtimes
from tests.unit.importers import exports
from tests.unit.importers.exports import downtime, results, service, written

Import = Callable[..., CompletedProcess[str]]

FIRST = [
    service(1, site="A", host="se.a.example", type_="webdav"),
    service(2, site="A", host="xr.a.example", type_="XRootD"),
]
OUTAGE = downtime(7, site="A", host="se.a.example", type_="webdav")


@pytest.fixture
def first(imports: Import, tmp_path: Path) -> Callable[..., CompletedProcess[str]]:
    """Import two services and a downtime; called again, what these have become."""

    def run(*entries: str, outages: tuple[str, ...] = (OUTAGE,)) -> CompletedProcess[str]:
        sources = [written(tmp_path / "s.xml", results(*(entries or FIRST)))]
        if outages:
            sources.append(written(tmp_path / "d.xml", results(*outages)))
        return imports("gocdb", *sources)

    run()
    return run


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def endpoints(folder: Path) -> set[str]:
    exports.filled_in(folder)
    return {one.endpoint for one in inventory.load(folder).testbed.site("A").services}


def test_comments_and_values_stay(first: Import, into: Path) -> None:
    file = into / "a.yml"
    changed(
        file,
        "implementation: unknown",
        "implementation: dcache  # 9.2\n              capabilities: [read]",
    )
    changed(
        file, "audience: https://se.a.example:2880", "audience: https://wlcg.cern.ch/jwt/v1/any"
    )
    before = file.read_text()
    first()
    assert file.read_text() == before


def test_what_a_person_fills_in_stays(first: Import, into: Path) -> None:
    exports.filled_in(into)
    before = {file: file.read_text() for file in into.rglob("*.yml")}
    first()
    assert {file: file.read_text() for file in into.rglob("*.yml")} == before


def test_an_address_that_the_registry_changes_is_changed(first: Import, into: Path) -> None:
    """What nobody has touched follows the registry, beside an edit of another key."""
    changed(into / "a.yml", "implementation: unknown", "implementation: dcache")
    moved = service(
        1, site="A", host="se.a.example", type_="webdav", url="https://new.a.example/vo"
    )
    first(moved, FIRST[1])
    text = (into / "a.yml").read_text()
    assert "endpoint: https://new.a.example/vo" in text
    assert "audience: https://new.a.example" in text
    assert "implementation: dcache" in text


def test_an_address_that_a_person_changed_is_kept_and_told(first: Import, into: Path) -> None:
    changed(
        into / "a.yml", "https://se.a.example:2880/vo.example", "https://se.a.example:2880/mine"
    )
    first()
    assert "https://se.a.example:2880/mine" in endpoints(into)
    moved = service(
        1, site="A", host="se.a.example", type_="webdav", url="https://new.a.example/vo"
    )
    done = first(moved, FIRST[1])
    said = " ".join(done.stdout.replace("│", " ").split())
    assert (
        "'https://se.a.example:2880/mine' is kept; its registry says 'https://new.a.example/vo'"
        in said
    )
    assert endpoints(into) == {
        "https://se.a.example:2880/mine",
        "root://xr.a.example:1094//vo.example",
    }


def test_what_a_person_removed_stays_out(first: Import, into: Path) -> None:
    text = (into / "a.yml").read_text()
    host = text.index("        xr.a.example:")
    (into / "a.yml").write_text(text[:host])
    done = first()
    assert "was removed from the inventory by hand" in done.stdout
    assert endpoints(into) == {"https://se.a.example:2880/vo.example"}
    (into / "a.yml").unlink()
    done = first(*FIRST, service(3, site="A", host="se3.a.example", type_="webdav"), outages=())
    assert "removed by hand" in done.stdout
    assert not (into / "a.yml").exists()


def test_a_new_service_is_added_beside_edits(first: Import, into: Path) -> None:
    changed(into / "a.yml", "        se.a.example:", "        # ours\n        se.a.example:")
    first(*FIRST, service(3, site="A", host="se.a.example", type_="XRootD"))
    assert "# ours" in (into / "a.yml").read_text()
    assert "root://se.a.example:1094//vo.example" in endpoints(into)


def test_a_host_of_another_file_is_left_to_its_author(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    (into / "group_vars").mkdir(parents=True)
    (into / "hosts.yml").write_text(
        "egi:\n  hosts:\n    se.a.example: {site: A, services: [{type: webdav, "
        "endpoint: 'https://se.a.example:2880/vo.example/', implementation: x}]}\n"
    )
    other = service(3, site="A", host="se.a.example", type_="XRootD")
    done = imports("gocdb", written(tmp_path / "s.xml", results(*FIRST, other)))
    assert "1 services stand there by hand already" in done.stdout
    assert "stands in hosts.yml, which no import wrote" in done.stdout
    exports.filled_in(into)
    found = inventory.load(into).testbed.site("A").services
    assert {one.host for one in found} == {"se.a.example", "xr.a.example"}


def test_without_the_memory_everything_counts_as_written_by_hand(first: Import, into: Path) -> None:
    (into / ".imported.json").unlink()
    before = (into / "a.yml").read_text()
    done = first(outages=())
    assert "2 services stand there by hand already" in done.stdout
    assert (into / "a.yml").read_text() == before


@pytest.mark.parametrize("damage", ["{", '{"form": 9}', '{"services": 1}'])
def test_a_damaged_memory_is_told(
    first: Import, imports: Import, into: Path, tmp_path: Path, damage: str
) -> None:
    (into / ".imported.json").write_text(damage)
    done = imports("gocdb", tmp_path / "s.xml", ends=2)
    assert ".imported.json: " in done.stderr


def test_a_file_that_is_broken_is_told_with_its_line(
    first: Import, imports: Import, into: Path, tmp_path: Path
) -> None:
    changed(into / "a.yml", "          site: A", "\t site: A")
    done = imports("gocdb", tmp_path / "s.xml", ends=2)
    assert "a.yml:" in done.stderr


# -- downtimes


def outages(folder: Path) -> list[tuple[str, str]]:
    exports.filled_in(folder)
    found = downtimes.load(folder / downtimes.FILE, inventory.load(folder).testbed)
    return [(one.severity, one.description) for one in found]


def test_a_downtime_follows_the_registry_until_a_person_changes_it(
    first: Import, into: Path
) -> None:
    one = {"site": "A", "host": "se.a.example", "type_": "webdav"}
    first(outages=(downtime(7, **one, SEVERITY="WARNING"),))
    assert outages(into) == [("at-risk", "Disks are changed.")]
    changed(into / "downtimes.yaml", "Disks are changed.", "Ours.  # we know better")
    first(outages=(downtime(7, **one, SEVERITY="OUTAGE"),))
    assert outages(into) == [("at-risk", "Ours.")]
    assert "# we know better" in (into / "downtimes.yaml").read_text()


def test_downtimes_of_people_stand_beside_those_of_the_registry(first: Import, into: Path) -> None:
    text = (into / "downtimes.yaml").read_text()
    own = (
        text[text.index("  - ") :]
        .replace("Disks are changed.", "Own.")
        .replace("2025-11-30", "2025-12-30")
    )
    (into / "downtimes.yaml").write_text(text + own)
    first()
    assert outages(into) == [("outage", "Disks are changed."), ("outage", "Own.")]


def test_downtimes_alone_are_entered_for_the_services_of_an_earlier_import(
    first: Import, imports: Import, into: Path, tmp_path: Path
) -> None:
    later = downtime(8, site="A", host="xr.a.example", type_="XRootD", DESCRIPTION="Later.")
    imports("gocdb", written(tmp_path / "d.xml", results(later)))
    assert outages(into) == [("outage", "Disks are changed."), ("outage", "Later.")]


def test_downtimes_alone_need_services(imports: Import, into: Path, tmp_path: Path) -> None:
    done = imports("gocdb", written(tmp_path / "d.xml", results(OUTAGE)), ends=2)
    assert "the inventory has none of its services" in done.stderr
    assert not into.exists()


def test_a_dry_run_writes_nothing(imports: Import, into: Path, tmp_path: Path) -> None:
    done = imports("gocdb", written(tmp_path / "s.xml", results(*FIRST)), "--dry-run")
    assert "+++ " in done.stdout
    assert "nothing was written (--dry-run)" in done.stdout
    assert not into.exists()
