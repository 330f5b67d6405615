"""Runs on the worker: generates events by Pythia, and counts the charged particles of each.

program.py INPUT OUTPUT PARAMETERS
"""

import csv
import json
import os
import sys
from pathlib import Path

import pythia8mc

source, target, parameters = (Path(word) for word in sys.argv[1:4])
options = json.loads(parameters.read_text())

data = Path(pythia8mc.__file__).parent / "share" / "Pythia8" / "xmldoc"
os.environ["PYTHIA8DATA"] = str(data)
generator = pythia8mc.Pythia("", False)
generator.readFile(str(source / "z-pole.cmnd"))
for setting in (
    f"Beams:eCM = {options['energy']}",
    f"ParticleDecays:tau0Max = {options['longest_life']}",
    f"Random:seed = {options['seed'] % 900_000_000}",
):
    if not generator.readString(setting):
        sys.exit(f"Pythia does not know the setting {setting!r}")
if not generator.init():
    sys.exit("Pythia does not take these settings")

with (target / "events.csv").open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(("charged", "charge", "momentum"))
    made = 0
    while made < options["events"]:
        if not generator.next():
            continue
        made += 1
        final = [particle for particle in generator.event if particle.isFinal()]
        momentum = [sum(getattr(p, axis)() for p in final) for axis in ("px", "py", "pz")]
        writer.writerow(
            (
                sum(particle.isCharged() for particle in final),
                round(sum(particle.charge() for particle in final)),
                f"{max(map(abs, momentum)):.3e}",
            )
        )
