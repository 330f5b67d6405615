"""A TLS reverse proxy before the real services, with exactly one fault in each answer to a name.

`https://ignores-expiry.se.egi.test` is the storage `se.egi.test` as it would be if it ignored the end of a
token: the first label names the fault (`faults/`), the rest the real service. All else passes unchanged.
"""
