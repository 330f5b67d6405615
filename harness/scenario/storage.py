"""Fixtures of the storage services."""
