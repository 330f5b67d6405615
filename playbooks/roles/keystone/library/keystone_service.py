#!/usr/bin/python
# Copyright: the interoperability testbed
# SPDX-License-Identifier: Apache-2.0
"""A service in Keystone's catalogue."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.keystone_api import Keystone, Refusal, patiently

DOCUMENTATION = r"""
module: keystone_service
short_description: Registers a service in the catalogue of a Keystone
description:
  - Makes a user of the service's name in the project C(service), with the roles C(admin) and C(service),
    as whom the service validates the tokens that it is given.
  - Makes the service and its public and internal endpoints.
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
  region:
    description: Region of the endpoints.
    type: str
    required: true
  name:
    description: Name of the service and of its user.
    type: str
    required: true
  type:
    description: Type of the service in OpenStack's list of service types.
    type: str
    required: true
  endpoint:
    description: Address of the service, as the catalogue tells it.
    type: str
    required: true
  service_password:
    description: Password of the service's user.
    type: str
    required: true
attributes:
  check_mode:
    support: full
"""

EXAMPLES = r"""
- name: Register the object store
  keystone_service:
    url: https://cloud.example.org:5000/v3
    password: "{{ keystone_admin_password }}"
    region: EXAMPLE
    name: swift
    type: object-store
    endpoint: https://cloud.example.org:8080/v1/AUTH_%(project_id)s
    service_password: "{{ swift_service_password }}"
"""

RETURN = r"""
changes:
  description: What was changed, or would be.
  returned: always
  type: list
"""


@patiently
def ensure_user(keystone, name, password):
    """Make the user as whom the service validates tokens; set the password where it is another."""
    project = keystone.ensure("project", "service", domain_id="default")
    known = keystone.find("user", name=name, domain_id="default")
    if known:
        user = known[0]["id"]
    else:
        body = {"user": {"name": name, "domain_id": "default", "password": password}}
        user = keystone.change(f"user {name}", "POST", "/users", body).get("user", {}).get("id")
    for role in ("admin", "service"):
        keystone.ensure_grant(role, project, user=user)
    if known and not accepts(keystone, name, password):
        keystone.change(
            f"password of {name}", "PATCH", f"/users/{user}", {"user": {"password": password}}
        )


def accepts(keystone, name, password):
    """Tell whether the service can log in with this password; none tells a password itself."""
    try:
        keystone.login(name, password, "service")
    except Refusal as refusal:
        if refusal.status == 401:
            return False
        raise
    return True


@patiently
def ensure_endpoints(keystone, service, region, url):
    """Make the service's endpoints, or correct their address."""
    present = {}
    if service is not None:
        for endpoint in keystone.find("endpoint", service_id=service, region_id=region):
            present[endpoint["interface"]] = endpoint
    for interface in ("public", "internal"):
        what = f"{interface} endpoint {url}"
        fields = {"service_id": service, "interface": interface, "region_id": region, "url": url}
        if interface not in present:
            keystone.change(what, "POST", "/endpoints", {"endpoint": fields})
        elif present[interface]["url"] != url:
            path = f"/endpoints/{present[interface]['id']}"
            keystone.change(what, "PATCH", path, {"endpoint": {"url": url}})


def main():
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "password": {"type": "str", "required": True, "no_log": True},
            "region": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "type": {"type": "str", "required": True},
            "endpoint": {"type": "str", "required": True},
            "service_password": {"type": "str", "required": True, "no_log": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        keystone = Keystone(params["url"], params["password"], module.check_mode)
        ensure_user(keystone, params["name"], params["service_password"])
        service = keystone.ensure("service", params["name"], type=params["type"])
        ensure_endpoints(keystone, service, params["region"], params["endpoint"])
    except (Refusal, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(keystone.changes), changes=keystone.changes)


if __name__ == "__main__":
    main()
