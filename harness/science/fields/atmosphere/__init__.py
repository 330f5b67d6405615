"""Atmospheric research: the state of the ionosphere from an incoherent scatter radar, as EISCAT's."""
