"""Water that sloshes in a bowl: GeoClaw against the exact solution."""

from harness.science.field import Control, Field, Software

FIELD = Field(
    name="disaster",
    title="Disaster mitigation",
    question="How far does a wave run up a shore, and where is the land flooded?",
    method=(
        "The shallow-water equations, by which tsunamis and floods are forecast, are solved by GeoClaw for "
        "water in a round bowl. The water is tilted and let go; it runs up the side and falls dry behind, "
        "for one whole period. For this case the exact solution is known, so that depth, flow and the "
        "line of the shore can be held against it."
    ),
    requirement="SCI-102",
    software=(
        Software("GeoClaw", "5.14.0", "BSD-3-Clause", "https://www.clawpack.org/geoclaw.html"),
    ),
    parameters={"manning": 0.0},
    control=Control(
        what="The smooth bowl is taken for rough ground (Manning's coefficient 0.025).",
        parameters={"manning": 0.025},
        wrong=("largest mean error of the depth", "largest mean error of the velocity"),
    ),
    memory=256,
)
