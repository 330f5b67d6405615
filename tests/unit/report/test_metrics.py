"""`metrics.prom`: Prometheus's own parser reads it, and the figures are those of the statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.conformance.statement import Statement
from harness.conformance.verdicts import HostFault, Verdict
from harness.report.site import metrics
from tests.unit.hostile import WORDS
from tests.unit.nights import COPIES, TOKENS, make_night
from tests.unit.routes import CROSS, HOME

ID = "20260101T011500Z-00aa"
Labels = frozenset[tuple[str, str]]


def read(statement: Statement) -> dict[str, dict[Labels, float]]:
    """Return name -> labels but the testbed's -> figure."""
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(metrics.text(statement)):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            assert sample.labels.pop("testbed") == "unit"
            name = sample.name.removeprefix("interop_testbed_")
            found.setdefault(name, {})[frozenset(sample.labels.items())] = sample.value
    return found


@pytest.fixture
def stated(tmp_path: Path) -> Statement:
    ill = HostFault(host="se.egi.test", when="before", what="xrootd")
    failed = {(TOKENS, CROSS): "accepted", (COPIES, HOME): "no answer"}
    return Statement.read(make_night(tmp_path, ID, failed, faults=(ill,)))


def test_requirements_are_counted_by_route_family_and_verdict(stated: Statement) -> None:
    found = read(stated)["requirements"]
    assert sum(found.values()) == len(stated.requirements)
    counts = {
        (labels["route"], labels["family"], labels["verdict"]): figure
        for labels, figure in ((dict(key), figure) for key, figure in found.items())
    }
    assert counts[CROSS, "AUTH", "deviation"] == 1
    assert counts[CROSS, "AUTH", "conformant"] == 0
    assert counts[CROSS, "XFER", "deviation"] == 0
    assert {dict(key)["control"] for key in found if (("route", HOME) in key)} == {"true"}
    assert (CROSS, "AUTH", Verdict.NOT_OFFERED.value) not in counts


def test_a_night_has_its_times_from_which_ages_follow(stated: Statement) -> None:
    found = {name: figures.get(frozenset()) for name, figures in read(stated).items()}
    assert found["night_start_timestamp_seconds"] == stated.run.began.timestamp()
    assert found["night_duration_seconds"] == 300
    assert found["night_exit_code"] == stated.run.exit_code
    assert found["unhealthy_hosts"] == 1


def test_what_scenarios_measured_and_how_long_they_took_is_told(stated: Statement) -> None:
    first = stated.scenarios[0].model_copy(update={"seconds": 2.5})
    found = read(stated.model_copy(update={"scenarios": (first, *stated.scenarios[1:])}))
    spent = frozenset({("route", first.route), ("family", first.family)})
    assert found["scenarios_duration_seconds"][spent] == 2.5
    assert 17.5 in found["measurement_seconds"].values()


def test_words_of_a_site_are_a_label_and_no_line(tmp_path: Path, stated: Statement) -> None:
    odd = tuple(
        one.model_copy(update={"implementation": f'{WORDS}"}} 1\n'}) for one in stated.services
    )
    odd = tuple(one.model_copy(update={"status": "ok"}) for one in odd)
    found = read(stated.model_copy(update={"services": odd}))["service_up"]
    assert len(found) == len(odd)
    assert set(found.values()) == {1}
