"""A broken directory changes entries and nothing else, or refuses everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from gateway import directories, ldap
from gateway.faults import ENTRY_FAULTS
from gateway.ldap import Entry
from gateway.settings import Directory

BIND = bytes.fromhex("300c020101600702010304008000")
SEARCH = bytes.fromhex("3005020102630004") + b""
DONE = bytes.fromhex("300c02010265070a010004000400")
FOUND = Entry(
    "GLUE2EndpointID=e,o=glue",
    {"GLUE2EndpointURL": ["https://a.test/é"], "GLUE2EndpointInterfaceName": ["webdav"]},
)


def found(entry: Entry) -> bytes:
    return ldap.with_entry(bytes.fromhex("3009020102640404003000"), entry)


def test_an_entry_is_read_as_it_was_written() -> None:
    long = Entry("o=glue", {"x": ["y" * 300, "z"], "empty": []})
    for entry in (FOUND, long):
        assert ldap.entry_of(found(entry)) == entry
    assert ldap.entry_of(DONE) is None


def test_a_refusal_answers_what_was_asked() -> None:
    answer = ldap.refusal(BIND)
    assert answer is not None
    assert answer[:6] == bytes([0x30, len(answer) - 2, 2, 1, 1, 0x61])
    assert bytes([0x0A, 1, 50]) in answer
    assert ldap.refusal(bytes.fromhex("30050201034200")) is None


def through(fault: str, real: bytes) -> bytes:
    """Return what a client reads behind a broken directory whose real one sends these bytes."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(real)
        await writer.drain()
        writer.close()

    async def talk() -> bytes:
        behind = await asyncio.start_server(serve, host="127.0.0.1", port=0)
        port = behind.sockets[0].getsockname()[1]
        relay = directories.Relay(Directory("127.0.0.1", "127.0.0.1", port, fault))
        before = await asyncio.start_server(relay.serve, host="127.0.0.1", port=0)
        here = before.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", here)
        writer.write(BIND)
        await writer.drain()
        if fault == directories.CLOSED:
            writer.write_eof()
        answer = await reader.read()
        writer.close()
        before.close()
        behind.close()
        return answer

    return asyncio.run(talk())


def test_a_faultless_directory_changes_nothing() -> None:
    real = found(FOUND) + DONE
    assert through("faultless", real) == real


def test_a_fault_changes_the_entry() -> None:
    changed = {"GLUE2EndpointInterfaceName": ["org.example.other"]}
    wrong = Entry(FOUND.name, FOUND.attributes | changed)
    assert through("publishes-wrong-interfaces", found(FOUND) + DONE) == found(wrong) + DONE


def test_a_closed_directory_lets_nobody_in() -> None:
    assert through("closed", found(FOUND) + DONE) == ldap.refusal(BIND)


@pytest.mark.parametrize("wrong", [b"HTTP/1.1 200 OK\r\n\r\n", DONE[:5]])
def test_what_is_no_message_breaks_the_connection(wrong: bytes) -> None:
    assert through("faultless", wrong) == b""


SOME = {
    "GLUE2EntityCreationTime": ["2026-11-30T00:00:00Z"],
    "GLUE2EndpointID": ["e"],
    "GLUE2EndpointInterfaceName": ["webdav"],
    "GLUE2EndpointQualityLevel": ["testing"],
    "GLUE2EndpointServiceForeignKey": ["s"],
    "GLUE2ComputingShareServingState": ["production"],
    "GLUE2ComputingShareFreeSlots": ["4"],
    "GLUE2ComputingManagerTotalSlots": ["8"],
    "GLUE2LocationLatitude": ["52.4"],
}


@pytest.mark.parametrize("name", sorted({*ENTRY_FAULTS} - {"faultless"}))
def test_every_fault_changes_something_and_leaves_other_entries(name: str) -> None:
    entry = Entry("o=glue", {key: list(values) for key, values in SOME.items()})
    ENTRY_FAULTS[name](entry)
    assert entry.attributes != SOME
    other = Entry("o=glue", {"objectClass": ["organization"]})
    ENTRY_FAULTS[name](other)
    assert other.attributes == {"objectClass": ["organization"]}


def test_two_faults_have_two_names() -> None:
    from gateway.faults import entries

    enter: Callable[..., object] = entries.entry_fault("faultless")
    with pytest.raises(ValueError, match="two faults are named faultless"):
        enter(lambda _: None)
