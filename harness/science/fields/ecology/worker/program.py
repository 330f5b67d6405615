"""Runs on the worker: PERMANOVA of the meadows by R and its package vegan, from the bundle.

program.py INPUT OUTPUT PARAMETERS
"""

import json
import os
import subprocess
import sys
from pathlib import Path

source, target, parameters = (Path(word) for word in sys.argv[1:4])
options = json.loads(parameters.read_text())

root = Path(os.environ["BUNDLE"])
home = root / "usr/lib/R"
libraries = root / "usr/lib/x86_64-linux-gnu"
words = [
    home / "bin/exec/R",
    "--vanilla",
    "--no-echo",
    "-f",
    Path(__file__).with_name("permanova.R"),
    "--args",
    source,
    target,
    str(int(options["shuffled"])),
    str(options["permutations"]),
    str(options["seed"]),
]
environment = {
    **os.environ,
    "R_HOME": str(home),
    "R_SHARE_DIR": str(root / "usr/share/R/share"),
    "R_INCLUDE_DIR": str(root / "usr/share/R/include"),
    "R_DOC_DIR": str(root / "usr/share/R/doc"),
    "R_LIBS": f"{home}/site-library:{home}/library",
    "LD_LIBRARY_PATH": f"{home}/lib:{libraries}/blas:{libraries}/lapack:{libraries}",
    "EDITOR": "vi",  # its own Renviron, which sets this, is made by the installation of the package
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}
sys.exit(subprocess.run(words, env=environment, check=False).returncode)
