"""Spectra of an incoherent scatter radar, as EISCAT UHF measures them, fitted by ISRSpectrum."""

from harness.science.field import Control, Field, Software

FIELD = Field(
    name="atmosphere",
    title="Atmospheric research",
    question="How dense, how hot and how fast is the ionosphere above the radar?",
    method=(
        "A radar as EISCAT UHF (931 MHz) receives the scatter of free electrons from twelve heights, "
        "180 to 400 km. At each height density, temperatures of electrons and ions, and velocity along "
        "the beam are fitted to the spectrum. The spectra are synthetic: made from a known ionosphere "
        "by Salpeter's theory, with the noise of 20,000 averaged pulses. The fit uses another theory "
        "(Gordeyev integrals), so that neither proves itself."
    ),
    requirement="SCI-105",
    software=(
        Software("ISRSpectrum", "4.3", "MIT", "https://github.com/jswoboda/ISRSpectrum"),
        Software("SciPy", "1.18.1", "BSD-3-Clause", "https://scipy.org/"),
        Software("NumPy", "2.5.5", "BSD-3-Clause", "https://numpy.org/"),
        Software("pandas", "3.1.1", "BSD-3-Clause", "https://pandas.pydata.org/"),
    ),
    parameters={"radar": 931e6, "angle": 90.0, "field": 5e-5},
    control=Control(
        what="The spectra are taken for those of EISCAT VHF: 224 MHz in place of 931 MHz.",
        parameters={"radar": 224e6},
        wrong=(
            "largest error of the ion temperature",
            "largest error of the velocity",
            "largest misfit of a spectrum",
        ),
    ),
    memory=512,
    extent="full",
)
