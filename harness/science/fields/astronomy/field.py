"""New sources in the sky, found by the difference of two images, as in the survey LSST."""

from harness.science.field import Control, Field, Software

FIELD = Field(
    name="astronomy",
    title="Astronomy",
    question="What is in the sky tonight that was not there before?",
    method=(
        "An image of an earlier night is blurred and dimmed as tonight's is (Alard and Lupton's "
        "method), and subtracted from it; what is left are sources that are new: supernovae, or stars "
        "that flare. The two images are synthetic, with the pixels of the Rubin Observatory's camera: "
        "500 stars, a different blur, sky and transparency each night, the noise of photons, and twenty "
        "planted sources. Each must be found, and nothing else."
    ),
    requirement="SCI-106",
    software=(
        Software("SEP", "1.4.1", "LGPL-3.0-or-later", "https://sep.readthedocs.io/"),
        Software("Astropy", "8.0.2", "BSD-3-Clause", "https://www.astropy.org/"),
        Software("SciPy", "1.18.1", "BSD-3-Clause", "https://scipy.org/"),
        Software("NumPy", "2.5.5", "BSD-3-Clause", "https://numpy.org/"),
    ),
    parameters={"match": True, "threshold": 4.0},
    control=Control(
        what="The earlier image is dimmed, but not blurred as tonight's is.",
        parameters={"match": False},
        wrong=("false sources",),
    ),
    memory=768,
    extent="full",
)
