"""Where services are found: information indexes (BDII, GLUE 2) and registries (GOCDB).

`index` asks an index by the command that a user types, `tree` is what it publishes, and `rules` judge
that. `registry` asks a registry, and `brokering` chooses where a job may go, by both.
"""
