"""Runs on the worker: fetches bundle and input, checks them, computes, and stores the result at home.

job.py PLAN

It needs Python 3.9 or newer and curl, and downloads nothing but what the plan names. Its standard output
ends in one line of JSON: what ran where, with all checksums; or `failed`, a stage, and `why`.
"""

import hashlib
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tarfile
import time
import zlib
from pathlib import Path

CODES = {"worker": 20, "bundle": 21, "input": 22, "program": 23, "result": 24}
"""Stage in which the job can fail -> exit code."""

PATIENCE = "300"
"""Seconds for one transfer."""


class Failed(Exception):
    """The job cannot go on; says in which stage, and why."""

    def __init__(self, stage, why):
        super().__init__(why)
        self.stage, self.why = stage, why


def main(plan):
    """Do what the plan says; return what ran where."""
    check_worker(plan)
    told = {"run": plan["run"], "field": plan["field"], "worker": worker(), "start": now()}
    for what in ("bundle", "input"):
        told[what] = fetch(what, plan[what])
    folder = Path("output")
    told["runs"] = {
        name: compute(folder / name, parameters) for name, parameters in plan["runs"].items()
    }
    told["end"] = now()
    (folder / "manifest.json").write_text(json.dumps(told, indent=1))
    told["result"] = send(folder, plan["output"])
    return told


def check_worker(plan):
    """Look whether this machine has what the job needs, before anything is fetched."""
    wanted, found = plan["python"], "{}.{}".format(*sys.version_info[:2])
    if wanted and found != wanted:
        raise Failed("worker", f"it has Python {found}; the bundle is made for Python {wanted}")
    there = memory()
    if there < plan["memory"]:
        raise Failed(
            "worker",
            f"not enough memory: {there} MiB are free for the job, and it needs {plan['memory']} MiB",
        )
    if shutil.which("curl") is None:
        raise Failed("worker", "curl is not installed")


def memory():
    """Return the MiB that this process may still use: of the machine, its group and its own limit."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    free = [int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable")]
    limits = [resource.getrlimit(resource.RLIMIT_AS)[0]]
    try:
        group = Path("/proc/self/cgroup").read_text().strip().rpartition("::")[2]
        limits.append(int(Path(f"/sys/fs/cgroup{group}/memory.max").read_text()))
    except (OSError, ValueError):
        pass  # no limit there
    return min(free + [limit // 2**20 for limit in limits if limit > 0])


def worker():
    """Return what machine this is."""
    return {
        "host": platform.node(),
        "system": system(),
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": memory(),
        "python": platform.python_version(),
    }


def system():
    """Return the name of the operating system (os-release(5))."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return platform.system()
    names = [line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME=")]
    return names[0] if names else platform.system()


def fetch(what, wanted):
    """Fetch an archive from home, compare its hash, and unpack it into a folder of that name."""
    file = Path(f"{what}.tar.gz")
    start = time.monotonic()
    curl(what, "read.token", "--output", str(file), wanted["url"])
    seconds = time.monotonic() - start
    sums = sums_of(file)
    if sums["sha256"] != wanted["sha256"]:
        raise Failed(
            what,
            f"it is not the one that was prepared: its SHA-256 is {sums['sha256']} ({sums['size']} bytes), "
            f"and {wanted['sha256']} ({wanted['size']} bytes) is expected",
        )
    with tarfile.open(file) as archive:
        archive.extractall(what, filter="data")
    file.unlink()
    return {**sums, "seconds": round(seconds, 3)}


def compute(target, parameters):
    """Run the field's program once; return what it took, and the sums of what it wrote."""
    target.mkdir(parents=True)
    given = Path(f"{target.name}.json")
    given.write_text(json.dumps(parameters))
    bundle = Path("bundle").resolve()
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    env = {**os.environ, **one, "BUNDLE": str(bundle), "PYTHONPATH": str(bundle / "python")}
    said = Path(f"{target.name}.log")
    start = time.monotonic()
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "program.py", "input", str(target), str(given)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=env,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    if status:
        raise Failed("program", f"the run `{target.name}` {ending(status)}: {last_words(said)}")
    return {
        "parameters": parameters,
        "seconds": round(seconds, 3),
        "processor": round(usage.ru_utime + usage.ru_stime, 3),
        "memory": usage.ru_maxrss // 1024,
        "files": {
            str(path.relative_to(target)): sums_of(path)
            for path in sorted(target.rglob("*"))
            if path.is_file()
        },
    }


def ending(status):
    """Say how a program ended that did not succeed."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        hint = " (often for want of memory)" if number == 9 else ""
        return f"was ended by signal {number}{hint}"
    return f"ended with exit code {os.WEXITSTATUS(status)}"


def last_words(log):
    """Return what a program said last."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return " | ".join(lines[-3:])[-600:] or "it said nothing"


def send(folder, wanted):
    """Pack the output, and store it at home."""
    file = Path("result.tar.gz")
    with tarfile.open(file, "w:gz") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.add(path, str(path.relative_to(folder)))
    start = time.monotonic()
    curl("result", "write.token", "--output", os.devnull, "--upload-file", str(file), wanted["url"])
    return {**sums_of(file), "seconds": round(time.monotonic() - start, 3)}


def curl(stage, token, *words):
    """Run curl; the token goes by standard input, so that no list of processes shows it."""
    secret = Path(token).read_text().strip()
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail", "--location", "--max-time", PATIENCE,
         "--connect-timeout", "30", "--config", "-", *words],
        input=f'oauth2-bearer = "{secret}"\n'.encode(),
        capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"curl ended with {done.returncode}"
        raise Failed(stage, f"{said} ({words[-1]})")


def sums_of(path):
    """Return the checksums of a file: SHA-256, and Adler-32, which storages tell."""
    sha256, adler32, size = hashlib.sha256(), 1, 0
    with path.open("rb") as file:
        for block in iter(lambda: file.read(2**20), b""):
            sha256.update(block)
            adler32 = zlib.adler32(block, adler32)
            size += len(block)
    return {"sha256": sha256.hexdigest(), "adler32": f"{adler32:08x}", "size": size}


def now():
    """Return the time in UTC (ISO 8601)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


if __name__ == "__main__":
    try:
        print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()))))
    except Failed as failed:
        print(json.dumps({"failed": failed.stage, "why": failed.why}))
        sys.exit(CODES[failed.stage])
