"""The infrastructure of what is imported, where the folder has none of its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import names
from harness.errors import BadInput
from harness.importers import yaml_files
from harness.importers.beside import TERMS
from harness.importers.room import Room
from harness.inventory.blanks import blank
from harness.new.draft import File
from harness.new.infrastructure import MEMBERS

_ALL = """\
# What all sites share. Nothing here is secret: passwords and client secrets stand in the testbed's state.
testbed_name: {name}
# Stands in each request of the testbed's own clients.
contact: '{contact}'
ansible_connection: ssh
ansible_user: root
ansible_python_interpreter: /usr/bin/python3
any_audience: https://wlcg.cern.ch/jwt/v1/any
# Life of an access token in seconds, as the issuers give it.
token_lifetime: 3600
# The OAuth client that you registered at every issuer for the testbed (confidential).
client_id: interop-testbed
client_redirect_uri: http://localhost:4242/callback
secret_names: []
secret: "{{{{ vault[infrastructure_name] }}}}"
infrastructure: "{{{{ infrastructures[infrastructure_name] }}}}"
# No infrastructure has a `network` here: that word makes container networks.
"""
_GROUP = "infrastructure_name: {name}\ntoken_profile: wlcg\n"
_HOSTS = """\
# {name}: its issuer, and the workstation from which its users act. Its sites stand in other files.
# Write `home: true` beside the `site` of the one that holds the data of its users; until then it is that of
# the issuer.
all:
  children:
    infrastructures:
      children:
        {name}:
          children:
            {group}_issuer:
              hosts:
                aai-{host}:
                  site: {site}
                  testbed_roles: []
                  ansible_connection: ssh
                  services:
                    - type: egi.aai.oidc
                      endpoint: '{issuer}'
                      implementation: '{software}'
                      # password, client-credentials, authorization-code, refresh ... (docs/sites.md)
                      capabilities: []
          hosts:
            # The machine where you type `testbed`; the role brings the clients.
            ui-{host}:
              ansible_connection: local
              testbed_roles: [ui]
"""


def check_name(name: str) -> None:
    """Refuse what cannot name an infrastructure.

    Raises
    ------
    BadInput
        saying what can.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > names.INFRASTRUCTURE.longest:
        raise BadInput(
            f"--infrastructure: {name!r} cannot name a group of Ansible. Write small letters, digits "
            "and _, as in egi."
        )


def files(room: Room, *, vo: str) -> Iterator[File]:
    """Return the files of the infrastructure; none where the folder has it.

    Parameters
    ----------
    vo
        its virtual organisation; to be filled in where empty.

    Raises
    ------
    BadInput
        where the folder's variables are not where an infrastructure could be entered.
    """
    name = room.infrastructure
    if name in room.beside.infrastructures:
        return
    path = room.folder / TERMS
    terms = {name: yaml_files.entered(_terms(name, vo))}
    if not path.exists():
        contact = blank("whom administrators of the sites ask: an address of mail, or a page")
        head = _ALL.format(name=_testbed(room.folder), contact=contact)
        yield File(path, head + yaml_files.dumped({"infrastructures": terms}))
    else:
        before = path.read_text(encoding="utf-8")
        content = yaml_files.load(path) or {}
        there = content.get("infrastructures") if isinstance(content, dict) else content
        if there is None:
            content["infrastructures"] = terms
        elif isinstance(there, dict):
            there.update(terms)
        else:
            raise BadInput(f"{path}: `infrastructures` must be a mapping. Correct it first.")
        yield File(path, yaml_files.dumped(content), before=before)
    variables = Path("group_vars") / f"{name}.yml"
    hosts = Path(f"{name}.yml")
    word = name.replace("_", "-")
    for place, text in (
        (variables, _GROUP.format(name=name)),
        (
            hosts,
            _HOSTS.format(
                name=name,
                group=name,
                host=word,
                site=f"{word.upper()}-AAI",
                issuer=blank("the issuer, exactly as in the tokens: iss"),
                software=blank("the software of the issuer, a word for reports"),
            ),
        ),
    ):
        if not (room.folder / place).exists():
            yield File(room.folder / place, text)


def _terms(name: str, vo: str) -> dict[str, Any]:
    return {
        "title": name.upper(),
        "domain": blank("its DNS domain, as in egi.eu"),
        "issuer": blank("its issuer, exactly as in the tokens: iss"),
        "jwks_uri": blank("the address of the issuer's keys (jwks_uri of its metadata)"),
        "signing_alg": blank("RS256 or ES256, as the issuer signs"),
        "subject_scope": blank("what stands behind the @ of a user's subject"),
        "vo": vo or blank("the virtual organisation that all infrastructures trust"),
        "entitlement": blank("the entitlement of the VO's members"),
        "robot_entitlement": blank("the entitlement of the VO's robots"),
        "other_entitlement": blank("the entitlement of members of another VO, who must be refused"),
        "members": [{"name": f"interop-{kind}", "kind": kind} for kind in MEMBERS],
    }


def _testbed(folder: Path) -> str:
    """Return a name for the testbed: the folder's, as far as it can be one."""
    word = re.sub(r"[^A-Za-z0-9]+", "-", folder.resolve().name).strip("-")[: names.TESTBED.longest]
    return word if word and word not in names.TESTBED.reserved else "imported"
