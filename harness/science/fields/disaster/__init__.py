"""Disaster mitigation: a wave that runs up a shore, and floods it."""
