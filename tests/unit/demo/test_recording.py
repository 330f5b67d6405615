"""A recording holds all that was told, and no secret; a file that cannot be written is told beforehand."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from harness.demo import recording
from harness.demo.events import Closing, Part
from harness.demo.feed import Feed
from harness.errors import BadInput
from harness.model import Testbed
from harness.redaction import redactor
from harness.translation import Speaker
from tests.unit.demo.story import demonstration

EN = Speaker("en")


def _events(path: Path) -> list[dict[str, object]]:
    found = re.search(r'id="events">(.*?)</script>', path.read_text(), re.S)
    assert found
    events: list[dict[str, object]] = json.loads(found[1])
    return events


def test_it_holds_all_events(twin: Testbed, tmp_path: Path) -> None:
    told = demonstration(twin)
    recording.write(tmp_path / "demo.html", told.feed.since(0), tr=EN)
    assert len(_events(tmp_path / "demo.html")) == len(told.feed.since(0))
    assert [path.name for path in tmp_path.iterdir()] == ["demo.html"]


def test_what_became_known_as_a_secret_only_afterwards_is_cut_out(tmp_path: Path) -> None:
    feed = Feed(lambda _event: None)
    feed.publish(Part(number=1, title="it is late-canary-51c7"))
    redactor.remember("late-canary-51c7")
    recording.write(tmp_path / "demo.html", feed.since(0), tr=EN)
    assert "late-canary" not in (tmp_path / "demo.html").read_text()


def test_a_page_with_a_secret_in_it_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last net is behind the redactor: it is tried without that one."""
    feed = Feed(lambda _event: None)
    secret = redactor.remember("canary-behind-the-net-90ab")
    feed.publish(Closing(ok=True, text=secret))
    monkeypatch.setattr(redactor, "redact", lambda text: text)
    with pytest.raises(BadInput, match="would hold a secret"):
        recording.write(tmp_path / "demo.html", feed.since(0), tr=EN)
    assert list(tmp_path.iterdir()) == []


def test_no_text_of_a_site_ends_the_script(tmp_path: Path) -> None:
    feed = Feed(lambda _event: None)
    feed.publish(Closing(ok=True, text="</script><script>alert(1)</script>"))
    recording.write(tmp_path / "demo.html", feed.since(0), tr=EN)
    assert "alert(1)</script" not in (tmp_path / "demo.html").read_text()
    assert _events(tmp_path / "demo.html")[0]["event"]["text"].startswith("</script>")  # type: ignore[index]


def test_a_file_that_cannot_be_written_is_refused_beforehand(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no folder"):
        recording.require_writable(tmp_path / "no" / "demo.html")
    with pytest.raises(BadInput, match="this is a folder"):
        recording.require_writable(tmp_path)
    recording.require_writable(tmp_path / "demo.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(BadInput, match="may not be written"):
        recording.require_writable(tmp_path / "demo.html")
