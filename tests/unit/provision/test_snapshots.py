"""What counts for an image, and which images there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.provision import keys, snapshots
from harness.provision.snapshots import InstallImage

FILES = {
    "tasks/main.yml": "- import_tasks: install.yml",
    "tasks/install.yml": "- import_tasks: packages.yml\n- copy: {src: program, dest: /opt}\n",
    "tasks/packages.yml": "- apt: {name: middleware}",
    "tasks/configure.yml": "- template: {src: middleware.conf.j2, dest: /etc/middleware.conf}",
    "templates/middleware.conf.j2": "name = {{ inventory_hostname }}",
    "files/program/main.mjs": "start()",
    "files/policy.json": "{}",
    "handlers/main.yml": "- service: {name: middleware, state: restarted}",
    "defaults/main.yml": "middleware_port: 443",
    "health.yml": "ports: [443]",
}


@pytest.fixture
def roles(tmp_path: Path) -> Path:
    for role in ("trust", "database", "site"):
        for name, content in FILES.items():
            path = tmp_path / role / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    return tmp_path


def tree(roles: Path, *lists: str, base: str = "sha256:1") -> dict[str, InstallImage]:
    images = snapshots.install_tree(
        [tuple(words.split()) for words in lists], base=base, roles=keys.RoleFolder(roles)
    )
    return {" ".join(image.roles): image for image in images.values()}


def test_what_two_hosts_install_alike_is_one_image(roles: Path) -> None:
    made = tree(roles, "trust database", "trust site", "trust site")
    assert sorted(made) == ["trust", "trust database", "trust site"]
    assert made["trust site"].parent == ("trust",)
    assert made["trust site"].added == ("site",)
    assert made["trust site"].lineage[1:] == (made["trust"].key, made["trust site"].key)


def test_a_role_that_installs_nothing_adds_no_image(roles: Path) -> None:
    (roles / "site" / "tasks" / "install.yml").write_text("---\n# Nothing.\n")
    read = keys.RoleFolder(roles)
    assert snapshots.installing(("trust", "site", "database"), read) == ("trust", "database")
    assert snapshots.installing(("site",), read) == ("site",), "an image has a role at least"


def test_only_branching_points_and_ends_are_kept(roles: Path) -> None:
    assert sorted(tree(roles, "trust database site")) == ["trust database site"]
    assert sorted(tree(roles, "trust database", "trust database site")) == [
        "trust database",
        "trust database site",
    ]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("tasks/install.yml", True),
        ("tasks/packages.yml", True),
        ("files/program/main.mjs", True),
        ("defaults/main.yml", True),
        ("tasks/configure.yml", False),
        ("tasks/main.yml", False),
        ("templates/middleware.conf.j2", False),
        ("files/policy.json", False),
        ("handlers/main.yml", False),
        ("health.yml", False),
    ],
)
def test_an_install_image_depends_on_what_its_install_part_uses(
    roles: Path, name: str, *, counts: bool
) -> None:
    before = tree(roles, "trust site")["trust site"].key
    path = roles / "site" / name
    path.write_text(path.read_text() + "\n# changed\n")
    assert (tree(roles, "trust site")["trust site"].key != before) == counts


def test_a_change_makes_anew_what_stands_on_it_and_nothing_else(roles: Path) -> None:
    before = tree(roles, "trust database", "trust site")
    (roles / "database" / "tasks" / "install.yml").write_text("- apt: {name: another}")
    after = tree(roles, "trust database", "trust site")
    assert {name for name in after if after[name].key != before[name].key} == {"trust database"}


def test_another_base_image_makes_all_anew(roles: Path) -> None:
    before = tree(roles, "trust database")
    after = tree(roles, "trust database", base="sha256:2")
    assert after["trust database"].key != before["trust database"].key
