"""Whatever stands in the files of an inventory: it is read, or refused in a sentence, and nothing else."""

from __future__ import annotations

import string
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness import inventory
from harness.errors import BadInput, InventoryError
from harness.inventory import Inventory
from harness.names import INFRASTRUCTURE, SITE, TESTBED, inside

from .conftest import ALL, HOSTS, INI

FILES = {
    "hosts.yml": HOSTS,
    "group_vars/all.yml": ALL,
    "group_vars/north.yml": "infrastructure_name: north\ntoken_profile: wlcg\n",
    "group_vars/south.yml": "infrastructure_name: south\ntoken_profile: wlcg\n",
}

few = settings(max_examples=max(20, settings.default.max_examples // 5))
"""Each example is an inventory that Ansible reads."""

odd_text = st.text(
    st.one_of(
        st.sampled_from(string.printable),
        st.sampled_from("{}[]:,-&*!|>'\"%@`#?~\t\r\n\x00\x1b\u0085\u2028\ufeff\U0001f98a"),
    ),
    max_size=40,
)
data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd_text | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def spliced(draw: Any, text: str) -> bytes:
    """A text, with a piece of it replaced by another."""
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 60)))
    return f"{text[:start]}{draw(odd_text)}{text[end:]}".encode(errors="surrogatepass")


def loaded(files: dict[str, bytes | str]) -> Inventory | None:
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "inventory"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        with suppress(InventoryError):
            return inventory.load(folder)
    return None


def test_the_inventory_of_these_tests_is_read() -> None:
    assert loaded(dict(FILES)) is not None


@pytest.mark.parametrize(
    "name", [*FILES, "more.yml", "more", "host_vars/se.north.test", "x.ini", "x.toml"]
)
def test_any_bytes(name: str) -> None:
    @few
    @given(st.binary(max_size=120) | odd_text.map(lambda text: text.encode(errors="surrogatepass")))
    @example(b"$ANSIBLE_VAULT;1.1;AES256\n3030")
    @example(b"plugin: constructed\n")
    @example(b"? [a]\n: b\n")
    @example(b"1: 2\n")
    @example(b"a: !!python/object:os.system x\n")
    @example(b"a: !vault x\n")
    @example(b"a: !unsafe '{{ 1 }}'\n")
    @example(b"all: {hosts: {'a[1:9999999]': }}\n")
    @example(b"all: {children: {all: }}\n")
    @example(b"testbed_name: '{{ testbed_name }}'\n")
    def check(content: bytes) -> None:
        loaded({**FILES, name: content})

    check()


@pytest.mark.parametrize(("name", "text"), [*FILES.items(), ("x.ini", INI)])
def test_any_piece_of_a_good_file_replaced(name: str, text: str) -> None:
    @few
    @given(spliced(text))
    def check(content: bytes) -> None:
        found = loaded({**FILES, name: content})
        if found is not None:
            for word in (found.testbed.name, *(one.name for one in found.testbed.infrastructures)):
                assert Path("/root/state", word).resolve().parent == Path("/root/state")

    check()


KEYS = (
    "site home infrastructure_name services testbed_roles token_profile address addresses ansible_host "
    "ansible_port ansible_user ansible_connection ansible_become ansible_ssh_common_args "
    "ansible_private_key_file infrastructures testbed_name token_lifetime secret_names client_id"
).split()


@given(st.sampled_from(KEYS), data)
def test_any_value_of_a_key_of_ours(key: str, value: Any) -> None:
    text = yaml.safe_dump({key: value}, allow_unicode=True)
    loaded({**FILES, "host_vars/aai.north.test.yml": text})


@given(st.text(max_size=130))
@example("..")
@example("a\n")
def test_a_name_that_passes_stays_in_its_folder(word: str) -> None:
    for grammar in (TESTBED, INFRASTRUCTURE, SITE):
        with suppress(ValueError):
            assert inside(Path("/root/state"), grammar.checked(word)).resolve().parent == Path(
                "/root/state"
            )
    with suppress(BadInput):
        assert Path("/root/state") in inside(Path("/root/state"), word, word).resolve().parents
