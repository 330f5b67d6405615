"""`testbed import`: sites that a registry knows, as files of an inventory.

One module a source (`gocdb`, `fedcloudclient`, `cric`, `keystone`) turns what it reads into an `Export`;
the others write an export into a folder, beside what people have written there. Nothing is written before
all of it is known.
"""
