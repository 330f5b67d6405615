"""Registries (the GOCDB's programming interface) that do not tell what is entered."""

from __future__ import annotations

import re

from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.site import Site


@fault("hides-downtimes")
async def hides_downtimes(request: Request, site: Site) -> Response:
    """No downtime is told of."""
    response = await _sent(request, site)
    if "get_downtime" in request.path and response.ok:
        response.replace(b"<results />")
    return response


@fault("lists-no-security-contact")
async def lists_no_security_contact(request: Request, site: Site) -> Response:
    """The security contact of every site is its public contact."""
    response = await _sent(request, site)
    if response.ok:
        text = (await response.read()).decode()
        public = re.search(r"<CONTACT_EMAIL>([^<]*)<", text)
        if public:
            changed = re.sub(r"(<CSIRT_EMAIL>)[^<]*(<)", rf"\g<1>{public[1]}\2", text)
            response.replace(changed.encode())
    return response


@fault("lists-sites-without-region")
async def lists_sites_without_region(request: Request, site: Site) -> Response:
    """No site belongs to an operations centre."""
    response = await _sent(request, site)
    if response.ok:
        response.replace(re.sub(rb"<ROC>[^<]*</ROC>", b"", await response.read()))
    return response


async def _sent(request: Request, site: Site) -> Response:
    """Return the answer with its body as it is read, and not packed."""
    request.headers["Accept-Encoding"] = "identity"
    return await site.send(request)
