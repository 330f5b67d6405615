"""How a bundle is made: wheels by uv, and what is no wheel in a container of the testbed's base image."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

import httpx
from rich.console import Console

from harness.errors import PreconditionError
from harness.provision import engine, hosts, image, labels, system
from harness.provision.progress import Progress
from harness.science import archive
from harness.science.recipe import PLATFORM, PYTHON, Recipe

_REFRESH = (
    "[ -n \"$(find /var/lib/apt/lists -name '*Packages*' -mmin -1440 2>/dev/null)\" ]"
    " || apt-get -qq update"
)
_ROOT = "/root/building"

_OF_THE_DAY = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
"""Files beside an installed wheel that tell of the installation, and not of the software."""


def build(recipe: Recipe, tree: Path, *, log: Path) -> None:
    """Make all that is in a bundle, in a folder.

    Raises
    ------
    PreconditionError
        naming the tool that failed, with its last words, and the log.
    """
    log.write_bytes(b"")
    if recipe.wheels:
        _install(recipe.wheels, tree / "python", log)
    if recipe.build:
        sources = _sources(recipe, log)
        _run(recipe, sources, tree, log)


def _install(listed: Path, target: Path, log: Path) -> None:
    """Install wheels for the workers' Python."""
    words = [
        "pip", "install", "--quiet", "--target", str(target), "--no-deps", "--require-hashes",
        *_FOR_WORKERS, "--only-binary", ":all:", "--link-mode", "copy", "-r", str(listed),
    ]  # fmt: skip
    _uv(words, log)
    shutil.rmtree(target / "bin", ignore_errors=True)
    for path in target.glob("*.dist-info/*"):
        if path.name in _OF_THE_DAY:
            path.unlink()
    for name in (".lock", ".gitignore"):  # of uv
        (target / name).unlink(missing_ok=True)


_FOR_WORKERS = ("--python-version", PYTHON, "--python-platform", PLATFORM)


def _sources(recipe: Recipe, log: Path) -> Mapping[str, bytes]:
    """Fetch the source archives of a recipe; their addresses are the index's own."""
    if recipe.sources is None:
        return {}
    pinned = dict(_pinned(recipe.sources))
    names = [word for name in pinned for word in ("--no-binary", name.partition("==")[0])]
    told = _uv(
        ["pip", "compile", "--quiet", "--no-deps", "--universal", "--python-version", PYTHON,
         *names, "--format", "pylock.toml", "-"],
        log,
        given="\n".join(pinned),
    )  # fmt: skip
    found = {}
    for package in tomllib.loads(told)["packages"]:
        name = f"{package['name']}=={package['version']}"
        url = package["sdist"]["url"]
        try:
            got = httpx.get(url, follow_redirects=True, timeout=300).raise_for_status()
        except httpx.HTTPError as error:
            raise PreconditionError(
                f"the archive of {name} cannot be fetched from {url}: {type(error).__name__}: {error}. "
                "The package index is the one that pip or uv is configured for."
            ) from error
        content = got.content
        if sha256(content).hexdigest() != pinned[name]:
            raise PreconditionError(
                f"{recipe.sources}: the archive of {name} at the index is not the one that is pinned: "
                f"its SHA-256 is {sha256(content).hexdigest()}. Look why before you pin it anew."
            )
        found[unquote(urlsplit(url).path).rpartition("/")[2]] = content
    return found


def _pinned(listed: Path) -> list[tuple[str, str]]:
    """Return `name==version` and SHA-256 of each line."""
    text = "".join(line for line in listed.open() if not line.startswith("#"))
    return re.findall(r"^(\S+==\S+)\s.*?sha256:([0-9a-f]{64})", text, re.M | re.S)


def _uv(words: Sequence[str], log: Path, given: str = "") -> str:
    """Run uv, and return what it printed."""
    program = Path(sys.executable).parent / "uv"
    done = subprocess.run(
        [str(program) if program.exists() else "uv", *words],
        input=given, capture_output=True, text=True, env=_environment(), check=False,
    )  # fmt: skip
    with log.open("a", encoding="utf-8") as file:
        file.write(done.stderr)
    if done.returncode:
        raise PreconditionError(
            f"uv {words[0]} {words[1]} failed with exit code {done.returncode}:\n{system.tail(log, 4)}\n"
            "  The package index is the one that pip or uv is configured for (PIP_INDEX_URL, "
            f"UV_DEFAULT_INDEX). Log: {log}"
        )
    return done.stdout


def _environment() -> dict[str, str]:
    """Return the environment in which uv finds the index that pip is configured for."""
    if {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & os.environ.keys():
        return dict(os.environ)
    index = os.environ.get("PIP_INDEX_URL") or _pip_says("global.index-url")
    return {**os.environ, **({"UV_DEFAULT_INDEX": index} if index else {})}


def _pip_says(key: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", key],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() if done.returncode == 0 else ""


def _run(recipe: Recipe, sources: Mapping[str, bytes], tree: Path, log: Path) -> None:
    """Run the script of a recipe in a container, and bring back what it has put into `$BUNDLE`."""
    progress = Progress(Console(quiet=True))
    client = engine.ensure(progress)
    base = image.ensure(client, logs=log.parent, progress=progress)
    given = {f"recipe/{p.name}": p.read_bytes() for p in recipe.folder.iterdir() if p.is_file()}
    given |= {f"sources/{name}": content for name, content in sources.items()}
    with engine.in_use():
        # Left by a process that was killed: nobody else makes this bundle meanwhile.
        hosts.remove_all(client, testbed="", kind=labels.BUILD, bundle=recipe.name)
        container = client.containers.run(
            str(base.id),
            ["sleep", "infinity"],
            labels=labels.of("", labels.BUILD, key=recipe.key, bundle=recipe.name),
            init=True,
            detach=True,
        )
        try:
            container.exec_run(["mkdir", "-p", f"{_ROOT}/bundle", f"{_ROOT}/sources"])
            container.put_archive(_ROOT, archive.pack(given))
            script = f"{_REFRESH}; cd {_ROOT}/recipe && exec sh -eu build.sh"
            code, said = container.exec_run(
                ["sh", "-c", script],
                environment={
                    "BUNDLE": f"{_ROOT}/bundle",
                    "SOURCES": f"{_ROOT}/sources",
                    "DEBIAN_FRONTEND": "noninteractive",
                },
            )
            with log.open("ab") as file:
                file.write(cast("bytes", said))
            if code:
                raise PreconditionError(
                    f"{recipe.build} failed with exit code {code}:\n{system.tail(log, 6)}\n  Log: {log}"
                )
            stream, _ = container.get_archive(f"{_ROOT}/bundle")
            with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as packed:
                packed.extractall(tree.parent / "built", filter="tar")
            shutil.copytree(
                tree.parent / "built" / "bundle", tree, dirs_exist_ok=True, symlinks=True
            )
        finally:
            container.remove(force=True, v=True)
