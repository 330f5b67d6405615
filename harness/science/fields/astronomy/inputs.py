"""The two images, as FITS files with their coordinates."""

from typing import Final

from harness.science.field import Files
from harness.science.fields.astronomy import fits, sky

CENTRE: Final = (53.1, -28.1)
"""Right ascension and declination in degrees: the Chandra Deep Field South, a deep field of the survey."""


def make() -> Files:
    """Return the earlier image, which is the reference, and the later one."""
    keywords: dict[str, float | str] = {
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CRPIX1": sky.SIZE / 2,
        "CRPIX2": sky.SIZE / 2,
        "CRVAL1": CENTRE[0],
        "CRVAL2": CENTRE[1],
        "CDELT1": -sky.SCALE / 3600,
        "CDELT2": sky.SCALE / 3600,
        "BUNIT": "electron",
    }
    names = ("reference.fits", "science.fits")
    return {
        name: fits.image(pixels, keywords) for name, pixels in zip(names, sky.images(), strict=True)
    }
