"""What a killed run has left at a cloud: containers of the object store whose names are the testbed's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from harness import names
from harness.clients.workstations import Workstations
from harness.kinds import Leftover
from harness.model import Infrastructure, Service
from harness.services.cloud.client import OBJECT_STORE, Keystone, KeystoneToken, ObjectStore
from harness.services.cloud.kind import KEYSTONE
from harness.services.issuer.user import User


def leftovers(
    service: Service, *, user: User, home: Infrastructure, workstations: Workstations
) -> Iterator[Leftover]:
    """Return the containers in the VO's project that have a name of the testbed.

    Raises
    ------
    AssertionError
        where the cloud lets the user not in, or lists nothing.
    """
    if service.type != KEYSTONE:
        return
    http = workstations.http(home.name)
    keystone = Keystone(service, home=home, http=http)
    token = keystone.enter(user.token(service.audience))
    url = token.endpoint(OBJECT_STORE, region=keystone.terms.region)
    store = ObjectStore(url, http)
    for name in _listed(store, "", token):
        if name.startswith(names.OURS):
            yield Leftover(name, partial(_remove, store, name, token))


def _listed(store: ObjectStore, path: str, token: KeystoneToken) -> list[str]:
    """Return the names of containers, or of a container's objects."""
    return store.get(path, token=token).expect_ok().text.splitlines()


def _remove(store: ObjectStore, container: str, token: KeystoneToken) -> None:
    for name in _listed(store, container, token):
        store.delete(f"{container}/{name}", token=token).expect_ok()
    store.delete(container, token=token).expect_ok()
