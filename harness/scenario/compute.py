"""Fixtures of the compute services."""
