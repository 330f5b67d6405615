"""Publishes what a site's users have used: reads it from a service, signs it, and sends it to repositories.

`htcondor` and `swift` read (the latter by `containers`, as Swift's own user); `sending` signs and sends by
ARGO's own client library.
"""
