"""Images of what is provisioned, so that a start with nothing changed takes seconds.

Two kinds. An **install image** holds what a list of roles installs, and any host that begins with
these roles stands on it: the lists of all hosts form a tree of prefixes, of which only the branching
points and the ends are kept. A **host snapshot** holds one host after its configuration.

Each bears the hash (key) of everything that made it, and is used only while that hash is the current
one; so a changed role makes anew only the hosts that use it.

What counts for an install image: the base image, and of each role in the list every file but handlers,
`health.yml` and `README.md`; of `tasks/`, `files/` and `templates/` only `tasks/install*.yml` and what
these name. For a host snapshot: its install image, all files of its roles, the playbook, its variables,
secrets, certificates, and its issuer's signing key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, ImageNotFound
from docker.models.containers import Container
from docker.models.images import Image

from harness.errors import ProvisionError
from harness.inventory import ROLES, Inventory
from harness.model import Host
from harness.provision import hosts, keys, labels, plays
from harness.provision.progress import Progress
from harness.state import State

INSTALL_REPOSITORY = "interop-testbed-install"
SNAPSHOT_REPOSITORY = "interop-testbed-host"

Roles = tuple[str, ...]

_DENY_STARTS = (
    "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d"
)
_REFRESH_LISTS = (
    "[ -n \"$(find /var/lib/apt/lists -name '*Packages*' -mmin -1440 2>/dev/null)\" ]"
    " || apt-get -qq update"
)
_TIDY = """
rm -f /usr/sbin/policy-rc.d
apt-get clean
rm -rf /var/cache/apt/*.bin /var/cache/debconf/*-old /root/.ansible /root/.cache /root/.npm /var/tmp/*
find /var/log -type f -name '*.log' -exec truncate -s 0 {} +
"""


@dataclass(frozen=True)
class InstallImage:
    """What a list of roles installs; `parent` is the list of the image that it is built upon."""

    roles: Roles
    parent: Roles
    key: str
    lineage: tuple[str, ...]
    """Keys of all images below it, and its own."""

    @property
    def tag(self) -> str:
        """The image's name in the engine."""
        return f"{INSTALL_REPOSITORY}:{self.key}"

    @property
    def added(self) -> Roles:
        """The roles that it has and its parent has not."""
        return self.roles[len(self.parent) :]


@dataclass(frozen=True)
class HostSnapshot:
    """One host, configured; `key` names everything that made it."""

    host: Host
    install: InstallImage
    key: str

    def tag(self, testbed: str) -> str:
        """The image's name in the engine."""
        return f"{SNAPSHOT_REPOSITORY}:{testbed}-{self.host.name}-{self.key}"


@dataclass(frozen=True)
class Plan:
    """The images that an inventory needs, whether they exist or not."""

    base: str
    """Id of the base image."""
    installs: Mapping[Roles, InstallImage]
    snapshots: Mapping[str, HostSnapshot]
    """By the host's name."""


def plan(inventory: Inventory, state: State, *, base: str, roles: Path = ROLES) -> Plan:
    """Work out keys and lineage of all images; nothing is made."""
    mine = hosts.of_containers(inventory.testbed)
    read = keys.RoleFolder(roles)
    lists = {host.name: installing(host.roles, read) for host in mine}
    installs = install_tree(lists.values(), base=base, roles=read)
    snapshots = {}
    for host in mine:
        install = installs[lists[host.name]]
        key = keys.of_host(inventory, state, host, install=install.key, roles=read)
        snapshots[host.name] = HostSnapshot(host=host, install=install, key=key)
    return Plan(base=base, installs=installs, snapshots=snapshots)


def installing(names: Roles, roles: keys.RoleFolder) -> Roles:
    """Return the roles of a list that install anything; the first of it where none does."""
    return tuple(name for name in names if roles[name].installs) or names[:1]


def install_tree(
    lists: Iterable[Roles], *, base: str, roles: keys.RoleFolder
) -> dict[Roles, InstallImage]:
    """Return the images for these lists of roles: every list's own, and where lists part."""
    wanted = {tuple(names) for names in lists}
    prefixes = {names[:length] for names in wanted for length in range(1, len(names) + 1)}
    followers: dict[Roles, set[str]] = {}
    for prefix in prefixes:
        followers.setdefault(prefix[:-1], set()).add(prefix[-1])
    kept = sorted(p for p in prefixes if p in wanted or len(followers.get(p, ())) > 1)
    tree: dict[Roles, InstallImage] = {}
    for names in kept:  # sorted: a prefix comes before what it is a prefix of
        parent = next((names[:n] for n in range(len(names) - 1, 0, -1) if names[:n] in tree), ())
        below = tree[parent].lineage if parent else (keys.digest(base),)
        contents = [(name, roles[name].installed) for name in names]
        key = keys.digest(keys.LAYOUT, base, contents)
        tree[names] = InstallImage(roles=names, parent=parent, key=key, lineage=(*below, key))
    return tree


def require_unchanged(now: Plan, before: Plan, made: Iterable[HostSnapshot]) -> None:
    """Refuse to keep hosts whose roles were edited while they were provisioned.

    Raises
    ------
    ProvisionError
        naming the host: no key says truly what made it.
    """
    for snapshot in made:
        name = snapshot.host.name
        if now.snapshots[name].key != before.snapshots[name].key:
            raise ProvisionError(
                stage="snapshot",
                host=name,
                message="its roles changed during provisioning; run `testbed up` again",
            )


def exists(client: docker.DockerClient, tag: str) -> bool:
    """Tell whether the engine has the image."""
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    return True


def install(
    client: docker.DockerClient,
    testbed: str,
    wanted: Plan,
    needed: Iterable[InstallImage],
    *,
    state: State,
    logs: Path,
    progress: Progress,
) -> None:
    """Make the install images that are needed and missing, in waves, each wave side by side."""
    missing = _with_parents(client, wanted, needed)
    wave = 0
    while missing:
        wave += 1
        ready = [image for image in missing if image.parent not in {m.roles for m in missing}]
        missing = [image for image in missing if image not in ready]
        what = ", ".join("+".join(image.added) for image in ready)
        with progress.stage(f"install {what}"):
            _install_wave(
                client, testbed, wanted, ready,
                state=state, log=logs / f"install-{wave}.log", progress=progress,
            )  # fmt: skip


def commit(testbed: str, container: Container, snapshot: HostSnapshot) -> Image:
    """Keep a configured host as its snapshot; it is stopped cleanly first.

    The image has the label that makes it count only when all of this went well.
    """
    name = snapshot.host.name
    hosts.run(container, ["sh", "-c", _TIDY], host=name, stage="snapshot")
    hosts.stop(container, name)
    repository, _, tag = snapshot.tag(testbed).partition(":")
    marks = labels.of(
        testbed,
        labels.SNAPSHOT,
        host=name,
        key=snapshot.key,
        lineage=",".join(snapshot.install.lineage),
    )
    return container.commit(repository=repository, tag=tag, conf={"Labels": marks})


def remove_outdated(
    client: docker.DockerClient, testbed: str, current: Plan | None, *, shared: bool
) -> int:
    """Remove images of the testbed that no current key names; return how many.

    With `current` None, all of them. Install images are shared by the testbeds of a machine: they go
    when no snapshot of any testbed stands on them. A base image goes when its recipe is outdated too.
    """
    kept = {snapshot.key for snapshot in current.snapshots.values()} if current else set()
    removed = 0
    for image in client.images.list(filters=labels.query(testbed=testbed, kind=labels.SNAPSHOT)):
        if image.labels.get(labels.KEY) not in kept:
            removed += _remove(client, image)
    if not shared:
        return removed
    used = {image.key for image in current.installs.values()} if current else set()
    for image in client.images.list(filters=labels.query(kind=labels.SNAPSHOT)):
        used |= set(image.labels.get(labels.LINEAGE, "").split(","))
    for image in client.images.list(filters=labels.query(kind=labels.INSTALL)):
        if image.labels.get(labels.KEY) not in used:
            removed += _remove(client, image)
    if current is not None:
        for image in client.images.list(filters=labels.query(kind=labels.BASE)):
            if image.id != current.base and keys.digest(str(image.id)) not in used:
                removed += _remove(client, image)
    return removed


def _remove(client: docker.DockerClient, image: Image) -> int:
    """Remove an image; one upon which others stand loses its names only."""
    for name in image.tags or [str(image.id)]:
        try:
            client.images.remove(name)
        except APIError as error:
            if error.status_code not in (404, 409):  # gone with another, or in use
                raise
    return 1


def _with_parents(
    client: docker.DockerClient, wanted: Plan, needed: Iterable[InstallImage]
) -> list[InstallImage]:
    """Return what is missing of the images needed, and of those below them."""
    missing: dict[Roles, InstallImage] = {}
    for image in needed:
        step: InstallImage | None = image
        while step is not None and step.roles not in missing and not exists(client, step.tag):
            missing[step.roles] = step
            step = wanted.installs.get(step.parent)
    return list(missing.values())


def _install_wave(
    client: docker.DockerClient,
    testbed: str,
    wanted: Plan,
    images: list[InstallImage],
    *,
    state: State,
    log: Path,
    progress: Progress,
) -> None:
    """Make some images at once: a container without systemd for each, one play for all."""

    def begin(image: InstallImage) -> Container:
        parent = wanted.installs[image.parent].tag if image.parent else wanted.base
        hosts.remove(client, _builder(testbed, image))
        container = client.containers.run(
            parent,
            ["sleep", "infinity"],
            name=_builder(testbed, image),
            labels=labels.of(testbed, labels.BUILD, roles=" ".join(image.roles)),
            tmpfs=hosts.TMPFS,
            init=True,
            detach=True,
        )
        prepare = f"{_DENY_STARTS}; {_REFRESH_LISTS}"
        hosts.run(container, ["sh", "-c", prepare], host="-".join(image.roles), stage="install")
        return container

    def finish(image: InstallImage) -> None:
        container = client.containers.get(_builder(testbed, image))
        hosts.run(container, ["sh", "-c", _TIDY], host="-".join(image.roles), stage="install")
        marks = labels.of(
            "", labels.INSTALL, key=image.key, roles=" ".join(image.roles),
            lineage=",".join(image.lineage),
        )  # fmt: skip
        repository, _, tag = image.tag.partition(":")
        container.commit(repository=repository, tag=tag, conf={"Labels": marks})
        container.remove(force=True, v=True)

    hosts.side_by_side(begin, images)
    played = plays.run(
        "install",
        [_builders_inventory(testbed, images)],
        hosts=["-".join(image.roles) for image in images],
        state=state,
        log=log,
        progress=progress,
    )
    hosts.side_by_side(finish, [i for i in images if "-".join(i.roles) in played.good])
    played.require()


def _builder(testbed: str, image: InstallImage) -> str:
    return f"{testbed}-build-{image.key}"


def _builders_inventory(testbed: str, images: Iterable[InstallImage]) -> dict[str, Any]:
    """Return an inventory of build containers: of the testbed's variables it has the roles alone.

    So an install part that depends on the inventory fails at once, instead of making an image that
    holds for one infrastructure and is used for both.
    """
    builders = {
        "-".join(image.roles): {
            "ansible_host": _builder(testbed, image),
            "testbed_roles": list(image.added),
        }
        for image in images
    }
    variables = {
        "ansible_connection": "docker",
        "ansible_user": "root",
        "ansible_python_interpreter": "/usr/bin/python3",
    }
    group = {"hosts": builders, "vars": variables}
    return {"all": {"children": {"infrastructures": group, "router": {"hosts": {}}}}}
