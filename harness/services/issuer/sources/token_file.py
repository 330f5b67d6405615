"""A file with a token, which another program writes and renews."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from pydantic import field_validator

from harness import files
from harness.services.issuer.sources import base, validity
from harness.services.issuer.sources.base import Fixed


class Settings(base.Settings):
    """The file."""

    path: Path

    @field_validator("path")
    @classmethod
    def _is_the_same_in_every_folder(cls, path: Path) -> Path:
        """Commands are started in any folder."""
        if path.is_absolute() or str(path).startswith("~"):
            return path
        raise ValueError("an absolute path is expected, or one that begins with `~/`")

    @property
    def holder(self) -> Hashable:
        """A file has one user's token."""
        return self.path


class TokenFile(Fixed):
    """Reads the file anew whenever half of the life of its last token is over."""

    name = "token-file"
    keys = Settings
    settings: Settings

    def read(self) -> str:
        """Return the token in the file."""
        return read(self.settings.path)


def read(path: Path) -> str:
    """Return the token in a file.

    Raises
    ------
    ValueError
        where there is none; names the file.
    """
    try:
        return validity.written(files.content(path.expanduser()).decode("ascii"))
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"gave bytes that cannot be part of a token ({path})") from None
    except ValueError as error:
        raise ValueError(f"{error} ({path})") from None


SOURCE = TokenFile
