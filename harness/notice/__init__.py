"""Notices: after a night, those concerned are told what changed, once for each cause."""
