"""Providers of an information index: what a service, a site and all sites are, in GLUE 2 (OGF GFD.147)."""
