"""Two proteins of the sugar transport of E. coli, docked by HADDOCK3 from NMR data."""

from harness.science.field import Control, Field, Software

FIELD = Field(
    name="structure",
    title="Structural biology",
    question="How do two proteins hold on to each other?",
    method=(
        "The enzyme IIA(glucose) and the carrier HPr of E. coli hand on a phosphate when they take up "
        "sugar. From the structure of each alone, and from what NMR saw of their contact, HADDOCK "
        "builds their complex: rigid docking, then refinement with flexible side chains and backbones. "
        "The model with the best score is held against the complex in the Protein Data Bank, which the "
        "job does not see. HADDOCK computes by CNS, which is free for non-profit use alone; it is "
        "installed when the bundle is made, and is not shipped."
    ),
    requirement="SCI-104",
    software=(
        Software("HADDOCK3", "2026.10.1", "Apache-2.0", "https://www.bonvinlab.org/haddock3/"),
        Software("CNS", "1.3", "LicenseRef-CNS-non-profit", "http://cns-online.org/v1.3/"),
    ),
    parameters={"restraints": True, "sampling": 4, "refined": 1, "seed": 917},
    control=Control(
        what="The proteins are docked without the restraints from NMR: their middles attract each other.",
        parameters={"restraints": False},
        wrong=("DockQ of the best model", "interface RMSD of the best model"),
    ),
    memory=1024,
    extent="full",
)
