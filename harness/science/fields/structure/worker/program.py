"""Runs on the worker: docks two proteins by HADDOCK3, and keeps the model with the best score.

program.py INPUT OUTPUT PARAMETERS
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

source, target, parameters = (Path(word).resolve() for word in sys.argv[1:4])
options = json.loads(parameters.read_text())

RESTRAINED = f'ambig_fname = "{source}/restraints.tbl"' if options["restraints"] else ""
# HADDOCK does not dock without any: what is left is that the middles of the proteins attract each other.
START = RESTRAINED or "cmrest = true"
WORKFLOW = f"""
run_dir = "run"
mode = "local"
ncores = 1
postprocess = false
clean = false
molecules = ["{source}/e2aP_1F3G.pdb", "{source}/hpr1.pdb"]

[topoaa]
autohis = false
[topoaa.mol1]
nhisd = 0
nhise = 1
hise_1 = 75
[topoaa.mol2]
nhisd = 1
hisd_1 = 76
nhise = 1
hise_1 = 15

[rigidbody]
{START}
sampling = {options["sampling"]}
iniseed = {options["seed"]}

[seletop]
select = {options["refined"]}

[flexref]
{RESTRAINED}
iniseed = {options["seed"]}

[emref]
{RESTRAINED}
iniseed = {options["seed"]}
"""


def score(model):
    """Return the HADDOCK score that a model bears."""
    for line in model.read_text().splitlines():
        if line.startswith("REMARK HADDOCK score:"):
            return float(line.rpartition(":")[2])
    raise ValueError(f"{model}: no score")


with tempfile.TemporaryDirectory(dir=".") as name:
    room = Path(name).resolve()
    (room / "workflow.toml").write_text(WORKFLOW)
    done = subprocess.run(
        [sys.executable, "-m", "haddock.clis.cli", "workflow.toml"],
        cwd=room,
        env={**os.environ, "HOME": str(room), "OMP_NUM_THREADS": "1"},
        check=False,
    )
    if done.returncode:
        sys.exit(f"HADDOCK3 failed with exit code {done.returncode}")
    models = sorted((room / "run").glob("*_emref/emref_*.pdb"), key=score)
    with (target / "models.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("model", "score"))
        writer.writerows((model.stem, score(model)) for model in models)
    shutil.copy(models[0], target / "complex.pdb")
