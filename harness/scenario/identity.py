"""Fixtures of the identity services."""
