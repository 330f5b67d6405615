#!/usr/bin/python
# Copyright: the interoperability testbed
# SPDX-License-Identifier: Apache-2.0
"""Federated login: who of which issuer gets which role in which project."""

from __future__ import annotations

import re

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.keystone_api import Keystone, Refusal

DOCUMENTATION = r"""
module: keystone_federation
short_description: Lets members of virtual organisations log in to a Keystone
description:
  - Makes a domain with a project and a group that has a role in it, and puts into that group whoever
    brings the entitlement of a trusted issuer.
  - One module and some twenty requests, since every command of the OpenStack client takes seconds to start.
author: The interoperability testbed
options:
  url:
    description: Keystone's address, with the version of its interface.
    type: str
    required: true
  password:
    description: Password of the user C(admin).
    type: str
    required: true
  domain:
    description: Domain of the project, the group and the federated users.
    type: str
    required: true
  project:
    description: Project of the virtual organisation.
    type: str
    required: true
  group:
    description: Group of its members.
    type: str
    required: true
  role:
    description: Role of the group in the project.
    type: str
    default: member
  protocol:
    description: Name of the federation protocol.
    type: str
    required: true
  entitlement_claim:
    description: Attribute of the request that holds the entitlements.
    type: str
    required: true
  issuers:
    description: Trusted issuers by name; of each, C(issuer) and C(entitlement) are read.
    type: dict
    required: true
attributes:
  check_mode:
    support: full
"""

EXAMPLES = r"""
- name: Let members in
  keystone_federation:
    url: https://cloud.example.org:5000/v3
    password: "{{ keystone_admin_password }}"
    domain: interop
    project: vo.interop
    group: vo.interop-members
    protocol: openid
    entitlement_claim: OIDC-eduperson_entitlement
    issuers:
      egi:
        issuer: https://aai.egi.eu/auth/realms/egi
        entitlement: "urn:mace:egi.eu:group:vo.interop.egi.eu:role=member#aai.egi.eu"
"""

RETURN = r"""
changes:
  description: What was changed, or would be.
  returned: always
  type: list
"""


def spellings(entitlement):
    """Return a pattern of all ways to write an entitlement.

    AARC-G069, section 2: the authority at its end may be missing. RFC 8141, section 3.1: `urn` and
    the namespace are the same in letters of either case, and nothing else is.
    """
    membership = entitlement.partition("#")[0]
    scheme, namespace, rest = membership.split(":", 2)
    return rf"\A(?i:{re.escape(scheme)}:{re.escape(namespace)}):{re.escape(rest)}(#[^#\s]+)?\Z"


def rules(issuer, claim, domain, group):
    """Return the mapping of an issuer: its members, by their entitlement, into the group."""
    return [
        {
            "local": [
                {
                    "user": {"name": "{0}", "type": "ephemeral"},
                    "group": {"name": group, "domain": {"name": domain}},
                }
            ],
            "remote": [
                {"type": "OIDC-sub"},
                {"type": "OIDC-iss", "any_one_of": [issuer["issuer"]]},
                {"type": claim, "any_one_of": [spellings(issuer["entitlement"])], "regex": True},
            ],
        }
    ]


def federate(keystone, params):
    """Make everything that a federated login needs."""
    domain = keystone.ensure("domain", params["domain"])
    project = keystone.ensure("project", params["project"], domain_id=domain)
    group = keystone.ensure("group", params["group"], domain_id=domain)
    keystone.ensure_grant(params["role"], project, group=group)
    for name, issuer in params["issuers"].items():
        mapping = f"{name}-members"
        provider = f"/OS-FEDERATION/identity_providers/{name}"
        keystone.ensure_at(
            f"/OS-FEDERATION/mappings/{mapping}",
            "mapping",
            rules=rules(issuer, params["entitlement_claim"], params["domain"], params["group"]),
        )
        keystone.ensure_at(
            provider,
            "identity_provider",
            remote_ids=[issuer["issuer"]],
            enabled=True,
            domain_id=domain,
        )
        keystone.ensure_at(
            f"{provider}/protocols/{params['protocol']}", "protocol", mapping_id=mapping
        )


def main():
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
            "domain": {"type": "str", "required": True},
            "project": {"type": "str", "required": True},
            "group": {"type": "str", "required": True},
            "role": {"type": "str", "default": "member"},
            "protocol": {"type": "str", "required": True},
            "entitlement_claim": {"type": "str", "required": True},
            "issuers": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    try:
        keystone = Keystone(module.params["url"], module.params["password"], module.check_mode)
        federate(keystone, module.params)
    except (Refusal, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(keystone.changes), changes=keystone.changes)


if __name__ == "__main__":
    main()
