"""Site files of EGI's federated cloud, as fedcloudclient reads them: a YAML file for each site's Keystone.

The form is that of `schema.json` in EGI-Federation/fedcloud-catchall-operations: `gocdb` (the site),
`endpoint`, `vos` (name and id of the project), `protocol`, `region`. Older files have `vos` as a mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from harness import reading
from harness.errors import BadInput
from harness.importers import fetching
from harness.importers.endpoints import Unusable, resolved, shown, software_of
from harness.importers.export import Export, Service
from harness.inventory.blanks import blank
from harness.services.cloud.kind import KEYSTONE

SOURCE = "fedcloudclient"
_PROTOCOL = "openid"
"""Of a site that names none (the schema's default)."""
_HINTED = 3
"""Projects that a blank names."""


def read(source: str, *, vo: str, infrastructure: str, only: Sequence[str] = ()) -> Export:
    """Return what a site file, or a folder of them, tells.

    Parameters
    ----------
    vo
        the virtual organisation whose project is put to the test; to be filled in where empty.
    infrastructure
        whose sites these are: EGI's issuer is known to them as `egi.eu`.
    only
        names of sites; all where there is none.

    Raises
    ------
    BadInput
        naming file and line, where one is broken; or where none is a site file.
    """
    if fetching.is_address(source):
        raise BadInput(f"{source}: site files are read from a file or a folder. Fetch them first.")
    export = Export(SOURCE)
    paths = fetching.files(source, ".yaml", ".yml")
    export.whole = Path(source).is_dir() and not only
    read_any = False
    for path in paths:
        content = _content(path)
        if why := _no_site(content):
            export.leave_out(path.name, why)
            continue
        read_any = True
        if not only or str(content["gocdb"]) in only:
            _site(path, content, export, vo, infrastructure)
    if not read_any:
        raise BadInput(
            f"{source}: {export.left_out[0].what}: {export.left_out[0].why}. Give site files of "
            "fedcloudclient: each has the keys `gocdb` and `endpoint`."
        )
    return export


def _content(path: Path) -> Any:
    """Return what a file holds, words alone: `!!python` means nothing, and `2021-01-01` is no date."""
    root = reading.composed(path, reading.text(path))
    return None if root is None else yaml.BaseLoader("").construct_document(_untagged(root))


def _untagged(root: yaml.Node) -> yaml.Node:
    """Return a tree of which every node is a plain text, list or mapping, whatever its tag says."""
    plain = {yaml.ScalarNode: "str", yaml.SequenceNode: "seq", yaml.MappingNode: "map"}
    open_, seen = [root], set[int]()
    while open_:
        node = open_.pop()
        if id(node) not in seen:
            seen.add(id(node))
            node.tag = f"tag:yaml.org,2002:{plain[type(node)]}"
            open_ += reading.children(node)
    return root


def _no_site(content: Any) -> str:
    """Return why a file is no site file; nothing where it is one."""
    if content is None:
        return "the file is empty"
    if isinstance(content, list) and all(isinstance(one, str) for one in content):
        return "it is a list of addresses of site files, not a site file"
    if not isinstance(content, dict):
        return "it is not a mapping, as a site file must be"
    missing = [
        key
        for key in ("gocdb", "endpoint")
        if not isinstance(content.get(key), str) or not content[key]
    ]
    return (
        f"it has no key `{'` and no key `'.join(missing)}`, so it is not a site file"
        if missing
        else ""
    )


def _site(
    path: Path, content: Mapping[str, Any], export: Export, vo: str, infrastructure: str
) -> None:
    site, url = content["gocdb"].strip(), content["endpoint"]
    what = f"the Keystone of {shown(site)} ({path.name})"
    try:
        one = resolved(KEYSTONE, url, "")
        login = _login(content, vo, infrastructure)
    except Unusable as unusable:
        export.leave_out(what, str(unusable))
        return
    except BadInput as fault:
        raise BadInput(f"{path}: {fault}") from fault
    for change in one.changes:
        export.change(what, change)
    projects = dict(_projects(content.get("vos")))
    if vo and vo not in projects:
        export.change(what, f"it has no project for {shown(vo)}: to be filled in")
    others = len(projects) - (vo in projects)
    if others:
        export.leave_out(
            f"{others} project{'s' if others > 1 else ''} at {shown(site)}",
            "the testbed works in the project of one VO" + ("" if vo else " (--vo names it)"),
        )
    region = content.get("region")
    export.services.append(
        Service(
            key=f"{site}/{region}" if region else site,
            site=site,
            host=urlsplit(one.endpoint).hostname or "",
            said=KEYSTONE,
            type=KEYSTONE,
            endpoint=one.endpoint,
            implementation=software_of(KEYSTONE),
            more={"login": login},
        )
    )


def _login(content: Mapping[str, Any], vo: str, infrastructure: str) -> dict[str, Any]:
    """Return how users log in."""
    projects = dict(_projects(content.get("vos")))
    login: dict[str, Any] = {"protocol": _word(content, "protocol") or _PROTOCOL}
    if vo in projects:
        login["project"] = projects[vo]
    else:
        listed = [f"{project} of {name}" for name, project in projects.items()]
        more = f" and {len(listed) - _HINTED} more" if len(listed) > _HINTED else ""
        hint = f" ({', '.join(listed[:_HINTED])}{more})" if listed else ""
        login["project"] = blank(f"name or id of the VO's project{hint}")
    if region := _word(content, "region"):
        login["region"] = region
    if infrastructure == "egi":
        login["identity_providers"] = {"egi": "egi.eu"}
    return login


def _word(content: Mapping[str, Any], key: str) -> str:
    value = content.get(key)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"`{key}` must be a word. Correct the file.")
    return (value or "").strip()


def _projects(vos: Any) -> Iterator[tuple[str, str]]:
    """Return the virtual organisations and the ids of their projects."""
    match vos:
        case None | "":
            return
        case dict():
            pairs = list(vos.items())
        case list():
            pairs = [(one.get("name"), one) for one in vos if isinstance(one, dict)]
        case _:
            raise BadInput("`vos` must be a list. Correct the file.")
    for name, fields in pairs:
        auth = fields.get("auth") if isinstance(fields, dict) else None
        project = auth.get("project_id") if isinstance(auth, dict) else None
        if isinstance(name, str) and isinstance(project, str) and project:
            yield name, project.strip()
