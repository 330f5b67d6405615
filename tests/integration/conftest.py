"""A small testbed of real containers: two infrastructures of one host each, and the router.

Each host is issuer and workstation at once, since no infrastructure is without either.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container

from harness import inventory
from harness.provision import engine, labels

ROOT = Path(__file__).resolve().parents[2]
NAME = "provision-test"
HOSTS = """\
all:
  children:
    infrastructures:
      children:
        egi:
          vars: {site: EGI-TWIN}
          hosts:
            aai.egi.test: {address: 10.114.1.10, testbed_roles: [trust, ui, proxy], services: *issuer}
        cstcloud:
          vars: {site: CSTCLOUD-TWIN}
          hosts:
            aai.cstcloud.test: {address: 10.114.2.10, testbed_roles: [trust, ui, proxy], services: *issuer}
    router:
      hosts:
        wan: {addresses: {egi: 10.114.1.2, cstcloud: 10.114.2.2}, testbed_roles: [router]}
"""
ISSUER = "[{type: egi.aai.oidc, endpoint: 'https://aai.test', implementation: none}]"


@dataclass(frozen=True)
class Bench:
    """A testbed that tests may change, and the command that a user types."""

    folder: Path

    @cached_property
    def client(self) -> docker.DockerClient:
        return docker.from_env()

    @property
    def inventory(self) -> inventory.Inventory:
        return inventory.load(self.folder)

    def begin(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """Start `testbed` with these words."""
        return subprocess.Popen(
            [Path(sys.executable).parent / "testbed", *words, "--inventory", self.folder],
            env=os.environ | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def testbed(self, *words: str, **env: str) -> tuple[int, str]:
        """Run `testbed` with these words; return its exit code and all that it said."""
        process = self.begin(*words, **env)
        output, _ = process.communicate()
        return process.returncode, output

    def containers(self) -> dict[str, Container]:
        """The containers of the testbed by their host, whatever they are for."""
        found = self.client.containers.list(all=True, filters=labels.query(testbed=NAME))
        return {
            container.labels.get(labels.HOST, container.name or ""): container
            for container in found
        }

    def ids(self) -> dict[str, str]:
        """The identity of each host's container."""
        return {host: str(container.id) for host, container in self.containers().items()}

    def run(self, host: str, *command: str) -> tuple[int, str]:
        """Run a command on a host; return its exit code and what it said."""
        code, output = self.containers()[host].exec_run(list(command))
        return code, output.decode()


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The testbed, up; it goes with all its images, keys and secrets after the last test."""
    folder = tmp_path_factory.mktemp("inventory")
    shutil.copytree(ROOT / "inventories" / "twin" / "group_vars", folder / "group_vars")
    for path in (folder / "group_vars").glob("*.yml"):
        text = path.read_text().replace("10.111.", "10.114.")
        path.write_text(text.replace("testbed_name: twin", f"testbed_name: {NAME}"))
    (folder / "hosts.yml").write_text(HOSTS.replace("*issuer", ISSUER))
    made = Bench(folder)
    try:
        code, output = made.testbed("up")  # starts the engine where there is none
        assert code == 0, output
        # The tests look into the engine themselves, so it must outlast every `down`, which else ends
        # an engine that a testbed has started.
        with engine.in_use():
            yield made
            made.client.close()
    finally:
        made.testbed("down", "--purge")
