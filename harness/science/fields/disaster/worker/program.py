"""Runs on the worker: GeoClaw, and the water of its finest cells at each output as a table.

program.py INPUT OUTPUT PARAMETERS
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

FRICTION = """\
T =: friction_forcing
1 =: num_manning
{} =: manning_coefficient
 =: manning_break
1.0e6 =: friction_depth"""


def main(source, target, parameters):
    """Compute in a folder of its own, and write the tables."""
    room = Path(f"{target.name}-room")
    shutil.copytree(source, room)
    manning = json.loads(parameters.read_text())["manning"]
    if manning:
        settings = room / "geoclaw.data"
        line = r"(?m)^F .*friction_forcing.*$"
        settings.write_text(re.sub(line, FRICTION.format(manning), settings.read_text()))
    done = subprocess.run(
        [os.environ["BUNDLE"] + "/bin/xgeoclaw"],
        cwd=room, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stdout.decode(errors="replace")[-300:])
    for number, frame in enumerate(sorted(room.glob("fort.q*"))):
        time = float((room / frame.name.replace(".q", ".t")).read_text().split()[0])
        write(target / f"water-{number}.csv", time, frame.read_text().splitlines())


def write(target, time, lines):
    """Write the cells of the finest level that are wet."""
    grids = list(read(lines))
    finest = max(grid["AMR_level"] for grid in grids)
    with target.open("w") as file:
        file.write("time,size,x,y,depth,momentum_x,momentum_y\n")
        for grid in grids:
            if grid["AMR_level"] != finest:
                continue
            for number, (depth, across, along, *_) in enumerate(grid["cells"]):
                if depth > 1e-3:
                    row, column = divmod(number, int(grid["mx"]))
                    x = grid["xlow"] + (column + 0.5) * grid["dx"]
                    y = grid["ylow"] + (row + 0.5) * grid["dy"]
                    area = grid["dx"] * grid["dy"]
                    file.write(
                        f"{time:.9g},{area:.9g},{x:.6f},{y:.6f},{depth:.6e},{across:.6e},{along:.6e}\n"
                    )


def read(lines):
    """Yield the grids of a frame: the head by its names, then a line for each cell."""
    grid = None
    for line in lines:
        words = line.split()
        if len(words) == 2 and not is_number(words[1]):
            if words[1] in ("grid_number", "patch_number"):
                if grid:
                    yield grid
                grid = {"cells": []}
            grid[words[1]] = float(words[0])
        elif words:
            grid["cells"].append([float(word) for word in words])
    yield grid


def is_number(word):
    """Tell whether a word is a number."""
    try:
        float(word)
    except ValueError:
        return False
    return True


main(*(Path(word) for word in sys.argv[1:4]))
