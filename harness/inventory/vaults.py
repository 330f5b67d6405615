"""How an inventory's encrypted parts are opened: with the passwords that Ansible's own commands would use.

They are named by the environment (`ANSIBLE_VAULT_PASSWORD_FILE`, `ANSIBLE_VAULT_IDENTITY_LIST`) or by the
user's `ansible.cfg` (Ansible's "Managing vault passwords").
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import InventoryError
from harness.reading import sort

REMEDY = (
    "Name the file with its password in ANSIBLE_VAULT_PASSWORD_FILE, or by vault_password_file in your "
    "ansible.cfg."
)

HEADER = b"$ANSIBLE_VAULT"
"""How a file begins that is encrypted as a whole."""

_PROMPTS = ("prompt", "prompt_ask_vault_pass")


def unlock(loader: Any) -> None:
    """Give the passwords to one of Ansible's loaders.

    Raises
    ------
    InventoryError
        where a password cannot be had, naming its file and where that is named.
    """
    from ansible.errors import AnsibleError
    from ansible.parsing.vault import VaultSecretsContext, get_file_vault_secret

    secrets: list[Any] = []
    for label, file in _identities():
        try:
            secret = get_file_vault_secret(filename=str(file), vault_id=label, loader=loader)
            secret.load()
        except AnsibleError as error:
            raise InventoryError(
                f"{file}: contains no vault password: {' '.join(str(error).split())}"
            ) from error
        secrets.append((label or "default", secret))
        loader.set_vault_secrets(secrets)  # a password may be encrypted by one before it
    # Ansible has one context for a process, for values that are encrypted one by one.
    context = VaultSecretsContext.current(optional=True)
    if context is None:
        VaultSecretsContext.initialize(VaultSecretsContext(secrets))
    else:
        context.secrets[:] = secrets


def opened(file: Path, loader: Any) -> str:
    """Return the text of a file that is encrypted as a whole.

    Raises
    ------
    InventoryError
        where no password opens it.
    """
    from ansible.errors import AnsibleError

    try:
        return str(loader.get_text_file_contents(str(file.absolute())))
    except AnsibleError as error:
        said = " ".join(str(error).split())
        raise InventoryError(
            f"{file}: is encrypted, and cannot be decrypted: {said} {REMEDY}"
        ) from error


def environment() -> dict[str, str]:
    """Return the same for plays, which run elsewhere and have a configuration of their own."""
    listed = [f"{label}@{file}" if label else str(file) for label, file in _identities()]
    return {"ANSIBLE_VAULT_IDENTITY_LIST": ",".join(listed)} if listed else {}


def _identities() -> Iterator[tuple[str | None, Path]]:
    """Yield label and file of each password, in the order in which Ansible tries them."""
    from ansible import constants

    named = list(constants.config.get_config_value("DEFAULT_VAULT_IDENTITY_LIST") or ())
    if file := constants.config.get_config_value("DEFAULT_VAULT_PASSWORD_FILE"):
        named.append(str(file))
    for one in map(str, named):
        label, at, source = one.partition("@")
        if not at:
            label, source = "", one
        if source in _PROMPTS:
            raise InventoryError(
                f"the vault identity `{one}` asks for its password, but nobody can answer here. {REMEDY}"
            )
        path = Path(source).expanduser().absolute()
        if sort(path, InventoryError) != stat.S_IFREG:
            raise InventoryError(f"{path}: is a folder, not a vault password file. {REMEDY}")
        yield label or None, path
