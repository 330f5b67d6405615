"""The thermodynamics of seawater by TEOS-10, at its published check casts."""

from harness.science.field import Control, Field, Software

FIELD = Field(
    name="environment",
    title="Environmental science",
    question="How salty, how warm, how dense is the water that our instruments have profiled?",
    method=(
        "Three casts (vertical profiles) of practical salinity, temperature and pressure, one of them in "
        "the Baltic Sea, are turned into Absolute Salinity, Conservative Temperature, density and the "
        "speed of sound by the international equation of state of seawater, TEOS-10. The casts are the "
        "published ones by which every implementation of TEOS-10 is checked."
    ),
    requirement="SCI-101",
    software=(
        Software("GSW-Python", "3.6.23", "BSD-3-Clause", "https://teos-10.github.io/GSW-Python/"),
        Software("NumPy", "2.5.5", "BSD-3-Clause", "https://numpy.org/"),
    ),
    parameters={"conservative_temperature": True},
    control=Control(
        what="The temperature of the thermometer is taken for the Conservative Temperature.",
        parameters={"conservative_temperature": False},
        wrong=("largest error of the density", "largest error of the speed of sound"),
    ),
    memory=128,
)
