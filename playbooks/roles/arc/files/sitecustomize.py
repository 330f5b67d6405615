"""Lets ARC 7.0.0 publish with Python 3.12 and later (docs/findings.md, F-ARC-06).

ARC hands `key_file` and `cert_file` to `HTTPSConnection`, which Python 3.12 takes no more. ARC loads both
into a TLS context of its own before it connects, so nothing is lost without them.
"""

import functools
import http.client

_begin = http.client.HTTPSConnection.__init__


@functools.wraps(_begin)
def _without_files(self, *args, **options):
    options.pop("key_file", None)
    options.pop("cert_file", None)
    _begin(self, *args, **options)


http.client.HTTPSConnection.__init__ = _without_files
