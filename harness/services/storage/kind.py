"""What the testbed knows of storages: WebDAV endpoints, and the xroot doors beside them."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from harness.kinds import WEB, Kind, Reach, Settings

WEBDAV = "webdav"
XROOT = "XRootD"
SCOPE_PREFIX = "scope-prefix"
GROUPS = "groups"
FULL_SCOPE = "storage.read:/ storage.create:/ storage.modify:/"
"""Everything that one may do with data (WLCG Token Profile 1.3, section 2.2.1)."""


class StorageSettings(Settings):
    """The inventory keys of a WebDAV endpoint."""

    scope_prefix: Annotated[str, Field(pattern=r"^(/[^/\s]+)*$")] = ""
    """The path of its URLs from which on the paths of scopes are meant; the root where empty.

    WLCG Token Profile 1.3, section 2.2.3.
    """

    @field_validator("scope_prefix")
    @classmethod
    def _begins_the_endpoint(cls, prefix: str, info: ValidationInfo) -> str:
        """What is mapped to an issuer is the endpoint's own area, or one around it."""
        endpoint = (info.context or {}).get("endpoint", "")
        path = f"/{urlsplit(endpoint).path.strip('/')}/"
        if not path.startswith(f"{prefix}/"):
            raise ValueError(f"the path of {endpoint} does not begin with {prefix}")
        return prefix

    @property
    def implied(self) -> frozenset[str]:
        """An endpoint with a prefix can do what scenarios of prefixes need."""
        return frozenset({SCOPE_PREFIX}) if self.scope_prefix else frozenset()


KIND = Kind(
    name="storage",
    title="Storage",
    service_types=(WEBDAV, XROOT),
    capabilities={
        "read": "Serves files to tokens with `storage.read`.",
        "write": "Stores, renames and deletes files (`storage.create`, `storage.modify`).",
        "checksum": "Reports the checksum of a file (RFC 3230).",
        "third-party-copy": "Copies files directly from and to other storages (HTTP-TPC).",
        "copy": "Copies files within the endpoint (RFC 4918, section 9.8).",
        "locks": "Locks files (RFC 4918, class 2).",
        GROUPS: "Lets members in by their groups if a token has no capability (WLCG, section 2.2.3).",
        SCOPE_PREFIX: "Maps its issuers to a path to which scopes are relative (key `scope_prefix`).",
    },
    writing=frozenset({"write", "third-party-copy", "copy", "locks"}),
    settings={WEBDAV: StorageSettings},
    schemes={
        # `davs` is gfal2's word for WebDAV over HTTPS, `dav` for that over HTTP.
        WEBDAV: {**WEB, "davs": "https", "dav": "http"},
        # XRootD's clients take both names; `roots` begins with TLS.
        XROOT: {"roots": "roots", "root": "root", "xroots": "roots", "xroot": "root"},
    },
    # Whatever a scenario does with data, it stores them first.
    fixtures={
        "storage": Reach((WEBDAV,), capabilities=("write",), scope=FULL_SCOPE),
        "xroot": Reach((XROOT,), also=(WEBDAV,), scope=FULL_SCOPE),
    },
    controls={
        "slow_port": ("resource",),
        "key_caches": ("resource",),
        "traced_file": ("resource",),
    },
    probe="harness.services.storage.probes:probe",
    entrances="harness.services.storage.entrance:entrances",
    leftovers="harness.services.storage.leftovers:leftovers",
    story="harness.services.storage.narration:tell",
    vocabulary=(
        "harness.services.storage.fixtures:Storages",
        "harness.services.storage.fixtures:Area",
        "harness.services.storage.fixtures:File",
        "harness.services.storage.fixtures:Xroot",
        "harness.services.storage.commands:StorageCommands",
        "harness.services.storage.client:WebDav",
        "harness.services.storage.slow_port:SlowPort",
        "harness.services.storage.key_cache:KeyCache",
        "harness.clients.random_data:RandomData",
    ),
    plugins=(
        "harness.services.storage.fixtures",
        "harness.services.storage.slow_port",
        "harness.services.storage.key_cache",
        "harness.services.storage.traces",
    ),
)
