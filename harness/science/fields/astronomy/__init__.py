"""Astronomy: what is new in the sky, by subtracting images, as the survey LSST does."""
