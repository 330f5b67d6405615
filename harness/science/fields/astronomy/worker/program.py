"""Runs on the worker: subtracts an earlier image of the sky from a later one, and lists what is new.

program.py INPUT OUTPUT PARAMETERS

The earlier image is blurred first as the later one is (C. Alard, R. Lupton, ApJ 503 (1998) 325): by the sum
of Gaussian functions times polynomials that leaves the least on the places of bright stars.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import sep
from astropy.io import fits
from astropy.wcs import WCS
from scipy.signal import fftconvolve

source, target, parameters = (Path(word) for word in sys.argv[1:4])
options = json.loads(parameters.read_text())

BASIS = ((0.8, 4), (1.4, 3), (2.5, 2))  # width in pixels, degree of the polynomial
REACH = 9  # pixels of the kernel to each side of its middle
BRIGHT, EDGE = 5000, 30  # electrons, pixels: stars on which the kernel is fitted
APERTURE = 7.0  # pixels: of a star 0.4 % of the light falls outside
STAMP = 15  # pixels to each side of a new source


def opened(name):
    """Return the image without the light of the sky, and the noise of it."""
    pixels = fits.getdata(source / name).astype(float)
    background = sep.Background(pixels)
    return pixels - background, background.globalrms


def kernels():
    """Yield the functions of which the kernel is a sum."""
    y, x = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]
    for width, degree in BASIS:
        bell = np.exp(-(x**2 + y**2) / 2 / width**2)
        for i in range(degree + 1):
            for j in range(degree + 1 - i):
                one = bell * (x / width) ** i * (y / width) ** j
                yield one / np.abs(one).sum()


def near_stars(image, noise):
    """Return where bright stars of an image are."""
    stars = sep.extract(image, 30, err=noise)
    inside = [(stars[axis] > EDGE) & (stars[axis] < image.shape[0] - EDGE) for axis in "xy"]
    found = np.zeros(image.shape, bool)
    for star in stars[(stars["flux"] > BRIGHT) & inside[0] & inside[1]]:
        x, y = int(star["x"]), int(star["y"])
        found[y - 10 : y + 11, x - 10 : x + 11] = True
    return found


def fitted(blurred, image, variance, where):
    """Return the best sum of some images; what does not fit (a new source on a star) is left out."""
    for _ in range(3):
        weight = 1 / np.sqrt(variance[where])
        parts = np.array([one[where] for one in blurred]).T * weight[:, None]
        factors = np.linalg.lstsq(parts, image[where] * weight, rcond=None)[0]
        best = sum(factor * one for factor, one in zip(factors, blurred, strict=True))
        where = where & (np.abs(image - best) < 5 * np.sqrt(variance))
    return best


reference, noise = opened("reference.fits")
science, later_noise = opened("science.fits")
variance = later_noise**2 + np.maximum(science, 0)
shapes = list(kernels()) if options["match"] else [np.ones((1, 1))]
blurred = [fftconvolve(reference, shape, "same") for shape in shapes]
expected = fitted(blurred, science, variance, near_stars(reference, noise))
difference = science - expected
difference -= np.median(difference)

sigma = np.sqrt(variance)
found = sep.extract(difference, options["threshold"], err=sigma, minarea=5)
flux, error, _ = sep.sum_circle(difference, found["x"], found["y"], APERTURE, err=sigma)
size = science.shape[0]
inside = [(found[axis] > STAMP) & (found[axis] < size - STAMP - 1) for axis in "xy"]
sure = np.flatnonzero((flux > 6 * error) & inside[0] & inside[1])
sky = WCS(fits.getheader(source / "science.fits"))
ra, dec = sky.all_pix2world(found["x"], found["y"], 0)

with (target / "new.csv").open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(("ra", "dec", "flux", "error"))
    for row in sure:
        writer.writerow(
            (f"{ra[row]:.8f}", f"{dec[row]:.8f}", f"{flux[row]:.3f}", f"{error[row]:.3f}")
        )

# Cuts out of the three images, of the brightest new sources.
brightest = sure[np.argsort(-flux[sure])][:6]
stamps = []
for row in brightest:
    x, y = round(float(found["x"][row])), round(float(found["y"][row]))
    cut = np.s_[y - STAMP : y + STAMP + 1, x - STAMP : x + STAMP + 1]
    stamps.append([one[cut] for one in (science, expected, difference)])
np.save(target / "stamps.npy", np.array(stamps, dtype=np.float32))
