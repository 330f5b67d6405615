"""Ecology: how the management of a meadow shapes what grows there (PERMANOVA)."""
