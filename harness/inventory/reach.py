"""How a host is reached: Ansible's variables for it, as words for OpenSSH.

The plays give these variables to Ansible, everything else gives the words to `ssh`: health checks, commands
and logs. Names and precedence are those of Ansible's connection plugins `ssh` and `docker` and of its
`become` plugins: of two names for one thing, the later one counts. What the words cannot say is refused.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import InventoryError

CONNECTIONS = {
    "docker": "docker",
    "community.docker.docker": "community.docker.docker",
    "ssh": "ssh",
    "smart": "ssh",
    "ansible.builtin.ssh": "ssh",
    "ansible.legacy.ssh": "ssh",
    "local": "local",
    "ansible.builtin.local": "local",
    "ansible.legacy.local": "local",
}
"""`ansible_connection` -> what the harness calls it."""

METHODS = (
    {"sudo": "sudo", "su": "su", "doas": "doas"}
    | {f"ansible.builtin.{one}": one for one in ("sudo", "su")}
    | {"community.general.doas": "doas"}
)

_NAMES = {
    "connection": ("ansible_connection",),
    "target": ("ansible_host", "ansible_ssh_host"),
    "container": ("ansible_host", "ansible_docker_host"),
    "port": ("ansible_port", "ansible_ssh_port"),
    "user": ("ansible_user", "ansible_ssh_user"),
    "container user": ("ansible_user", "ansible_docker_user"),
    "key": ("ansible_private_key_file", "ansible_ssh_private_key_file"),
    "host keys": ("ansible_host_key_checking", "ansible_ssh_host_key_checking"),
    "program": ("ansible_ssh_executable",),
    "timeout": ("ansible_ssh_timeout",),
    "become": ("ansible_become",),
    "become user": ("ansible_become_user",),
    "become method": ("ansible_become_method",),
}
_ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
"""Words of a shell, in the order in which Ansible gives them to `ssh`."""

_NOT_SAID = {
    "ssh": (
        "ansible_password ansible_ssh_pass ansible_ssh_password ansible_private_key "
        "ansible_ssh_private_key ansible_private_key_passphrase ansible_ssh_private_key_passphrase "
        "ansible_ssh_pkcs11_provider"
    ).split(),
    "docker": (
        "ansible_docker_extra_args ansible_docker_extra_env ansible_docker_working_dir "
        "ansible_docker_privileged"
    ).split(),
    "local": [],
}
"""Variables of a connection that its plays would heed and our words cannot say."""
_NOT_SAID_OF_BECOME = (
    "ansible_become_password ansible_become_pass ansible_become_flags ansible_become_exe ansible_sudo_pass "
    "ansible_su_pass ansible_sudo_flags ansible_su_flags"
).split()

VARIABLES = tuple(
    dict.fromkeys(
        [
            *(name for names in _NAMES.values() for name in names),
            *_ARGUMENTS,
        ]
    )
)
"""The variables whose values this module looks at."""


def way(
    path: Path, host: str, given: Mapping[str, Any], *, raw: Mapping[str, Any], entered: bool
) -> dict[str, Any]:
    """Return the fields of a host (`harness.model.Host`) that say how it is reached.

    Parameters
    ----------
    given
        the host's variables, expanded.
    raw
        all of them as they are written: of what cannot be said, it counts that it is there.
    entered
        whether the testbed ever logs in there: what nobody uses need not be understood.

    Raises
    ------
    InventoryError
        naming host and variable, and what to do.
    """
    return _Host(path, host, given, raw).way(entered=entered)


class _Host:
    def __init__(
        self, path: Path, name: str, given: Mapping[str, Any], raw: Mapping[str, Any]
    ) -> None:
        self._path, self._name, self._raw = path, name, raw
        self._given = {key: value for key, value in given.items() if value not in (None, "")}

    def way(self, *, entered: bool) -> dict[str, Any]:
        connection = self._connection()
        sort = connection.rpartition(".")[2]
        docker = sort == "docker"
        fields: dict[str, Any] = {
            "connection": connection,
            "target": self._word("container" if docker else "target", self._name),
            "user": self._word("container user" if docker else "user", ""),
        }
        if not entered:
            return fields
        self._refuse(_NOT_SAID[sort], "Use a key without a passphrase, or your ssh-agent")
        if sort == "ssh":
            fields["ssh"] = self._ssh()
        if self._truth("become") and (become := self._become(str(fields["user"]))):
            fields["become"] = become
        return fields

    def _connection(self) -> str:
        name, value = self._find("connection", "ssh")
        if str(value) not in CONNECTIONS:
            raise self._error(
                name,
                f"unknown connection {value!r}; known are docker, ssh and local. A host that the "
                "testbed never logs in to needs none",
            )
        return CONNECTIONS[str(value)]

    def _ssh(self) -> tuple[str, ...]:
        """Return program and options in the order of Ansible's plugin: of two values, the first counts."""
        args, common, extra = (self._words(name) for name in _ARGUMENTS)
        words = [self._word("program", "ssh"), *args]
        if self._find("host keys", None)[1] is not None:
            words += ["-o", f"StrictHostKeyChecking={'yes' if self._truth('host keys') else 'no'}"]
        if port := self._number("port", 65535):
            words += ["-p", str(port)]
        if key := self._word("key", ""):
            file = Path(key).expanduser()
            if not file.is_absolute():
                raise self._error(
                    self._find("key", "")[0],
                    f"{key} is not an absolute path, so plays and commands would use different "
                    f"folders. Begin with `/`, `~/` or `{{ inventory_dir }}/`",
                )
            words += ["-i", str(file)]
        if seconds := self._number("timeout", 3600):
            words += ["-o", f"ConnectTimeout={seconds}"]
        return (*words, *common, *extra)

    def _become(self, user: str) -> dict[str, str] | None:
        """Return as whom commands run; None where the connection is that user's own."""
        wanted = self._word("become user", "root")
        if wanted == user:
            return None
        name, method = self._find("become method", "sudo")
        if str(method) not in METHODS:
            raise self._error(name, f"unknown method {method!r}; known are {', '.join(METHODS)}")
        self._refuse(
            _NOT_SAID_OF_BECOME, f"Allow {user or 'the user'} to become {wanted} without a password"
        )
        return {"user": wanted, "method": METHODS[str(method)]}

    def _find(self, what: str, default: Any) -> tuple[str, Any]:
        """Return the variable that says it, and what it says; the last of several counts."""
        said = [(name, self._given[name]) for name in _NAMES[what] if name in self._given]
        return said[-1] if said else (_NAMES[what][0], default)

    def _word(self, what: str, default: str) -> str:
        """Return a word that can stand in a command line, and is no option there."""
        name, value = self._find(what, default)
        word = str(value)
        if word.startswith("-") or not word.isprintable() or (what != "key" and " " in word):
            raise self._error(name, f"{word!r} cannot be used in a command line. Correct it")
        return word

    def _words(self, name: str) -> list[str]:
        try:
            return shlex.split(str(self._given.get(name, "")))
        except ValueError as error:
            raise self._error(
                name, f"{self._given[name]!r}: {error}. Quote it as for a shell"
            ) from error

    def _number(self, what: str, most: int) -> int | None:
        name, value = self._find(what, None)
        if value is None:
            return None
        text = str(value)
        if (
            isinstance(value, bool)
            or not text.isascii()
            or not text.isdecimal()
            or not 0 < int(text) <= most
        ):
            raise self._error(name, f"{value!r} is not a number from 1 to {most}. Correct it")
        return int(text)

    def _truth(self, what: str) -> bool:
        name, value = self._find(what, False)
        word = str(value).lower()
        if word not in (*_TRUE, *_FALSE):
            raise self._error(name, f"{value!r} is neither true nor false. Write one of them")
        return word in _TRUE

    def _refuse(self, names: list[str], remedy: str) -> None:
        for name in names:
            if self._raw.get(name) not in (None, ""):
                raise self._error(
                    name,
                    f"is not supported: checks, commands and logs would ignore it. {remedy}",
                )

    def _error(self, name: str, what: str) -> InventoryError:
        return InventoryError(f"{self._path}: host {self._name}: {name}: {what}.")


_TRUE = ("true", "yes", "on", "1", "y", "t")
_FALSE = ("false", "no", "off", "0", "n", "f")
