"""A tree of pages, and a real target of every kind on this machine."""

from __future__ import annotations

import io
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import boto3
import pytest
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from rich.console import Console

from tests.unit.report.publish.swift_fake import Cloud

FIRST, SECOND = "20261121T011500Z-aa01", "20261122T011500Z-bb02"

# Stands for ssh: leaves out its options and the host, and runs the command by the shell of this machine.
SSH = """\
#!/bin/sh
while [ "$1" != -- ]; do shift; done
[ "$2" = unknown.test ] && { echo "ssh: Could not resolve hostname $2" >&2; exit 255; }
[ "$2" = closed.test ] && { echo "$2: Permission denied (publickey)." >&2; exit 255; }
cd "$HOME" && exec sh -c "$3"
"""

Write = Callable[..., None]


@pytest.fixture
def console() -> Console:
    """Records what is printed: `console.export_text()`."""
    return Console(record=True, width=200, file=io.StringIO())


def write_night(tree: Path, night: str, *, statement: bool = True) -> None:
    """Add a night to the tree."""
    (tree / night / "evidence").mkdir(parents=True)
    (tree / night / "index.html").write_text(f"<p>{night}</p>")
    (tree / night / "evidence" / "a b+ü.json").write_text('{"it": "was so"}')
    (tree / night / "empty.log").write_text("")
    if statement:
        (tree / night / "statement.json").write_text(f'{{"run": "{night}"}}')


def write_root(tree: Path, newest: str) -> None:
    """Write the files of the root anew."""
    (tree / "badges").mkdir(exist_ok=True)
    (tree / "index.html").write_text(f"<a href={newest}/>")
    (tree / "runs.json").write_text(f'["{newest}"]')
    (tree / "zz.csv").write_text("always,the,same\n")
    (tree / "badges" / "all.svg").write_text("<svg/>")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Pages with one night."""
    folder = tmp_path / "site" / "unit"
    folder.mkdir(parents=True)
    write_night(folder, FIRST)
    write_root(folder, FIRST)
    return folder


class Place:
    """A target as its readers see it: an address, and what is there."""

    def __init__(self, to: str, read: Callable[[], dict[str, bytes]]) -> None:
        self.to, self.files = to, read


def _files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    where = tmp_path / "www" / "pages"
    return Place(str(where), lambda: _files(where))


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "ssh").write_text(SSH)
    (tools / "ssh").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    where = tmp_path / "there" / "it's here"
    return Place(f"ssh://web@host.test:2222{where}", lambda: _files(where))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """An S3 server; its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Place]:
    """A bucket with one object that is not ours."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "unit",
        "AWS_SECRET_ACCESS_KEY": "unit",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    bucket = tmp_path.name.replace("_", "-").lower()
    with closing(boto3.client("s3", region_name="us-east-1")) as client:
        client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key="pages-of-others", Body=b"!")

        def read() -> dict[str, bytes]:
            listed = client.list_objects_v2(Bucket=bucket).get("Contents", [])
            keys = [item["Key"] for item in listed]
            assert "pages-of-others" in keys
            return {
                key.removeprefix("pages/"): client.get_object(Bucket=bucket, Key=key)["Body"].read()
                for key in keys
                if key.startswith("pages/")
            }

        yield Place(f"s3://{bucket}/pages", read)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with closing(Cloud()) as cloud:
        yield cloud


@pytest.fixture
def swift(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    for name in [name for name in os.environ if name.startswith("OS_")]:
        monkeypatch.delenv(name)
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return Place(
        "swift://box/pages",
        lambda: {
            name.removeprefix("pages/"): stored.content for name, stored in cloud.objects.items()
        },
    )


@pytest.fixture(params=["folder", "ssh", "s3", "swift"])
def place(request: pytest.FixtureRequest) -> Place:
    """A target of each kind."""
    place: Place = request.getfixturevalue(request.param)
    return place


@pytest.fixture
def nobody() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
