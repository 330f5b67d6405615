"""Fixtures of the cloud services."""
