"""An accounting repository: takes signed usage records as sites publish them, and hands them out again.

Sites speak the REST form of ARGO's messaging service (AMS), as they do to EGI's APEL. `service` is that
door, `signatures` says who signed, `records` reads the forms and checks their rules, `store` counts each
record once.

It is an instrument of the testbed: what a site publishes is kept and given out unchanged.
"""
