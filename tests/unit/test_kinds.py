"""Kinds of service: those of the project, and one that another package brings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from harness import kinds
from harness.conformance.outcomes import Asked
from harness.errors import BadInput
from harness.kinds import Kind, Kinds, Reach, registry
from harness.model import ISSUER
from harness.services.suspension.kind import BAN_LIST
from tests.unit.suites import Ran

ROOT = Path(__file__).resolve().parents[2]


def test_each_folder_of_services_is_a_kind_of_its_name() -> None:
    folders = sorted(one.parent.name for one in ROOT.glob("harness/services/*/kind.py"))
    assert {"cloud", "compute", "issuer", "storage"} <= set(folders)
    assert [kind.name for kind in registry()] == folders


def test_each_service_type_is_of_one_kind() -> None:
    listed = [type_ for kind in registry() for type_ in kind.service_types]
    assert len(listed) == len(set(listed))
    assert all(registry().of(type_).service_types.count(type_) == 1 for type_ in listed)


def test_a_kind_explains_every_capability_and_speaks_of_its_own_types_alone() -> None:
    for kind in registry():
        assert kind.title
        for word, said in kind.capabilities.items():
            assert said[0].isupper(), word
            assert said.endswith("."), word
        assert kind.settings.keys() <= set(kind.service_types)
        types = {type_ for reach in kind.fixtures.values() for type_ in (*reach.types, *reach.also)}
        # A kind without types is of what the services of all others have in common.
        assert types <= set(kind.service_types or registry().service_types)


def test_the_issuer_and_the_list_of_bans_alone_are_asked_at_home() -> None:
    assert registry().home_types == {ISSUER, BAN_LIST}


def test_an_unknown_type_is_told_with_what_is_near() -> None:
    with pytest.raises(LookupError, match=r"unknown service type 'webdaf'; similar: webdav"):
        registry().of("webdaf")


def test_two_kinds_cannot_have_one_type() -> None:
    one = Kind(name="one", title="One", service_types=("a", "b"), capabilities={})
    other = Kind(name="other", title="Other", service_types=("b",), capabilities={})
    with pytest.raises(BadInput, match="the kinds one and other both have the service type b"):
        Kinds([one, other])


def test_what_fixtures_reach_is_known_of_all_kinds_together() -> None:
    one = Kind(
        name="one",
        title="One",
        service_types=("a",),
        capabilities={},
        fixtures={"x": Reach(("a",))},
        plugins=("p.one",),
    )
    other = Kind(name="other", title="Other", service_types=("b",), capabilities={}, side="home")
    both = Kinds([one, other])
    assert both.service_types == ("a", "b")
    assert both.reaches == {"x": Reach(("a",))}
    assert both.plugins == ["p.one"]
    assert both.home_types == {"b"}


# A kind of another package, in a folder outside the tree

KIND = '''
"""A board on which notices are pinned."""

from harness.kinds import Kind, Reach, Settings

BOARD = "org.example.board"


class BoardSettings(Settings):
    """The inventory keys of a board."""

    language: str


KIND = Kind(
    name="board",
    title="Board",
    service_types=(BOARD,),
    capabilities={"pin": "Pins notices.", "colour": "Shows colours."},
    settings={BOARD: BoardSettings},
    fixtures={"board": Reach((BOARD,))},
    plugins=("notice_board.fixtures",),
)
'''

FIXTURES = '''
"""What scenarios of boards hold in their hands."""

import httpx
import pytest

from harness.evidence import step
from notice_board.kind import BOARD, BoardSettings


class Board:
    """A board."""

    def __init__(self, service):
        self.service, self.language = service, BoardSettings.of(service).language

    def pin(self, notice):
        """Pin a notice; return what the board shows."""
        url = f"{self.service.endpoint}/{self.language}"
        with step(f"POST {url}") as record:
            record.send(f"POST {url}\\n\\n{notice}")
            answer = httpx.post(url, content=notice)
            record.receive(f"HTTP {answer.status_code}\\n\\n{answer.text}")
        return answer.text


@pytest.fixture
def board(route):
    """The board of the site."""
    return Board(route.resource.service(BOARD))
'''

SCENARIOS = """
import pytest

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.mark.needs("org.example.board", "pin")
def test_a_notice_is_shown(route, board):
    assert board.pin("milk") == "fr: milk"


@pytest.mark.needs("org.example.board", "colour")
def test_colours(route, board):
    board.pin("red")
"""

INVENTORY = """
all:
  children:
    infrastructures:
      children:
        cstcloud:
          hosts:
            board.cstcloud.test:
              testbed_roles: []
              services:
                - {{type: org.example.board, endpoint: '{url}/cork', implementation: cork,
                   capabilities: [pin], language: fr}}
                - {{type: org.example.board, endpoint: '{url}/slate', implementation: slate,
                   capabilities: [pin], language: fr}}
"""


class Server(BaseHTTPRequestHandler):
    """Shows what is pinned, in the language of the path; the slate forgets it."""

    def do_POST(self) -> None:
        notice = self.rfile.read(int(self.headers["Content-Length"])).decode()
        _, name, language = self.path.split("/")
        body = f"{language}: {'' if name == 'slate' else notice}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as made:
        thread = Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_address[1]}"
        made.shutdown()
        thread.join()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Install the package in a folder; return the environment in which it is found."""

    def install(kind: str = KIND, point: str = "notice_board.kind:KIND") -> dict[str, str]:
        folder = tmp_path / "elsewhere"
        package, metadata = folder / "notice_board", folder / "notice_board-1.0.dist-info"
        for one in (package, metadata):
            one.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "kind.py").write_text(kind)
        (package / "fixtures.py").write_text(FIXTURES)
        (metadata / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: notice-board\nVersion: 1.0\n"
        )
        (metadata / "entry_points.txt").write_text(f"[{kinds.GROUP}]\nboard = {point}\n")
        return {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}

    return install


def test_a_kind_of_another_package_runs_like_our_own(
    elsewhere: Callable[..., dict[str, str]],
    suite: Callable[..., Ran],
    server: str,
    inventory_folder: Path,
) -> None:
    (inventory_folder / "boards.yml").write_text(INVENTORY.format(url=server))
    ran = suite(SCENARIOS, "egi:cstcloud", env=elsewhere())
    found = {one.scenario.partition("::")[2]: one for one in ran.outcomes}
    assert found.keys() == {
        "test_a_notice_is_shown[cork]",
        "test_a_notice_is_shown[slate]",
        "test_colours",
    }, ran.output
    good, bad = (found[f"test_a_notice_is_shown[{name}]"] for name in ("cork", "slate"))
    for one, name in ((good, "cork"), (bad, "slate")):
        endpoint = f"{server}/{name}"
        asked = Asked(site="CSTCLOUD-TWIN", type="org.example.board", endpoint=endpoint)
        assert (one.service, one.implementation, one.side) == (endpoint, name, "resource")
        assert one.services == (asked,)
        assert "board.cstcloud.test" in one.hosts
    assert (good.status, good.failed_at) == ("passed", ())
    assert (bad.status, bad.stage, bad.error) == ("failed", "assert", "assertion")
    assert bad.failed_at == bad.services
    assert found["test_colours"].status == "not offered"
    assert "does not declare org.example.board with colour" in found["test_colours"].message


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (", language: fr", "", "services[0] (org.example.board): language: Field required"),
        ("language: fr", "langage: fr", "unknown key 'langage'; similar: language"),
        ("[pin]", "[pinn]", "unknown capability 'pinn'; similar: pin"),
    ],
)
def test_its_inventory_keys_are_checked_like_our_own(
    elsewhere: Callable[..., dict[str, str]],
    inventory_folder: Path,
    right: str,
    wrong: str,
    said: str,
) -> None:
    text = INVENTORY.format(url="http://127.0.0.1:1")
    assert right in text
    (inventory_folder / "boards.yml").write_text(text.replace(right, wrong, 1))
    done = _python(
        "from pathlib import Path; from harness import inventory;"
        f"inventory.load(Path({str(inventory_folder)!r}))",
        elsewhere(),
    )
    assert f"InventoryError: {inventory_folder}: host board.cstcloud.test: " in done.stderr
    assert said in done.stderr


@pytest.mark.parametrize(
    ("kind", "point", "said"),
    [
        (KIND, "notice_bord.kind:KIND", "ModuleNotFoundError: No module named 'notice_bord'"),
        (KIND, "notice_board.kind:KINDS", "AttributeError: module 'notice_board.kind' has no"),
        ("KIND = (\n", "notice_board.kind:KIND", "cannot be loaded: SyntaxError: "),
        ("KIND = 1 / 0\n", "notice_board.kind:KIND", "ZeroDivisionError: division by zero. Repair"),
        (
            "KIND = 'x'\n",
            "notice_board.kind:KIND",
            "is no `harness.kinds.Kind`, but str. Repair or",
        ),
        (KIND, "notice_board.kind", "is no `harness.kinds.Kind`, but module. Repair or uninstall"),
        (
            KIND.replace('"org.example.board"', '"webdav"'),
            "notice_board.kind:KIND",
            "the kinds storage and board both have the service type webdav. Uninstall one",
        ),
    ],
)
def test_a_package_whose_kind_is_broken_is_told_with_what_to_do(
    elsewhere: Callable[..., dict[str, str]], kind: str, point: str, said: str
) -> None:
    done = _python("from harness.kinds import registry; registry()", elsewhere(kind, point))
    last = [line for line in done.stderr.splitlines() if line.startswith("harness.errors.BadInput")]
    assert len(last) == 1, done.stderr
    assert said in last[0]


def _python(program: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
