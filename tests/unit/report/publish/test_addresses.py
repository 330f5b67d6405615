"""Which target an address means, and what is said of one that means none."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import BadInput
from harness.report.publish.addresses import target_of
from harness.report.publish.folder import Folder
from harness.report.publish.ssh import Ssh


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("", "there is no target"),
        ("ftp://host/path", "nothing is published to ftp://"),
        ("ssh://host", "names no folder"),
        ("ssh:///path", "does not name a target"),
        ("ssh://host:many/path", "Port could not be cast"),
        ("s3://", "does not name a target"),
        ("s3://bucket/prefix?x=1", "is not supported"),
    ],
)
def test_an_address_that_means_nothing_is_told(tree: Path, to: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        target_of(to, tree=tree)


def test_a_password_in_an_address_is_refused_and_not_repeated(tree: Path) -> None:
    with pytest.raises(BadInput, match="must not contain a password") as refused:
        target_of("ssh://web:sesame@host.test/srv", tree=tree)
    assert "sesame" not in str(refused.value)


def test_addresses_of_a_folder_and_of_ssh(tree: Path, tmp_path: Path) -> None:
    assert isinstance(target_of(str(tmp_path / "www"), tree=tree), Folder)
    assert isinstance(target_of("ssh://web@[::1]:2222/srv/www", tree=tree), Ssh)
