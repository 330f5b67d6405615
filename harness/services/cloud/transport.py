"""How openstacksdk's requests travel: who has no answer is told as unreachable, as by all other clients."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.exceptions import ChunkedEncodingError, ConnectionError, SSLError, Timeout

from harness.clients import limits
from harness.errors import Unreachable


class Session(requests.Session):
    """A session whose requests raise `Unreachable` where no answer came, or only a part of one.

    A failure of TLS stays what it is: somebody answered.
    """

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        """Send a request, and read its answer."""
        url = request.url or ""
        limits.before(request.method or "", url, limits.size_of(request.headers))
        try:
            answer = super().send(request, **more)
        except SSLError:
            raise
        except (ConnectionError, Timeout, ChunkedEncodingError) as error:
            said = f"{request.method} {url}: {type(error).__name__}: {error}"
            raise Unreachable(said, urlsplit(url).hostname or url) from error
        limits.used(url, len(answer.content))
        return answer
