"""`testbed new`: the files of a new scenario, mutant, site or infrastructure.

Each module turns what its author wants into a `Draft`, and refuses what could not be used. Nothing is
written before the whole draft has been checked.
"""
