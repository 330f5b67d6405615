"""XML and JSON of others: what is broken, hostile, or something else is refused in one sentence."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from harness.errors import BadInput
from harness.importers.fetching import Content

_DEEP = 60
"""Levels of an export: those of the GOCDB have six."""
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_BEGIN = 4096


def xml(content: Content, *, what: str) -> Element:
    """Return the root of an XML document.

    No entity is declared in it and no file is read by it (CWE-776, CWE-611): such a document is refused.

    Parameters
    ----------
    what
        what is expected, as messages name it: `an export of the GOCDB`.

    Raises
    ------
    BadInput
        naming the source and the line, where it is none.
    """
    _require_something(content, what)
    try:
        root: Element = ElementTree.fromstring(content.data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadInput(
            f"{content.source}: declares a document type or entities, which {what} never does. It is not "
            "read, for entities can fill the memory or name files. Fetch it again from its registry."
        ) from error
    except ParseError as error:
        raise BadInput(_of_xml(content, what, error)) from error
    except (LookupError, ValueError) as error:  # an encoding that nobody knows
        raise BadInput(
            f"{content.source}: its encoding cannot be read: {error}. Save it as UTF-8."
        ) from error
    _require_flat(content, root)
    return root


def said(element: Element, name: str) -> str:
    """Return what an element says under a name, on one line; nothing where it says nothing."""
    return " ".join((element.findtext(name) or "").split())


def _of_xml(content: Content, what: str, error: ParseError) -> str:
    line, column = error.position
    said = str(error).partition(":")[0]
    advice = f"It is damaged or truncated; fetch {what} again"
    if "invalid token" in said or "encoding" in said:
        advice = "Its encoding is not the one that its first line names, or it is broken; save it as UTF-8"
    return f"{content.source}:{line}: is not XML ({said}, column {column + 1}). {advice}."


def _require_flat(content: Content, root: Element) -> None:
    level = [root]
    for _ in range(_DEEP):
        level = [inner for one in level for inner in one]
        if not level:
            return
    raise BadInput(
        f"{content.source}: is nested more than {_DEEP} levels deep, so it is not an export."
    )


def decoded(content: Content, *, what: str) -> Any:
    """Return what a JSON text holds.

    Raises
    ------
    BadInput
        naming the source and the line, where it is none.
    """
    _require_something(content, what)
    try:
        text = content.data.removeprefix(codecs.BOM_UTF8).decode(
            json.detect_encoding(content.data.removeprefix(codecs.BOM_UTF8))
        )
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{content.source}:{error.lineno}: is not JSON ({error.msg}). It is damaged or "
            "truncated; fetch "
            f"{what} again."
        ) from error
    except UnicodeDecodeError as error:
        line = content.data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"{content.source}:{line}: is not written in UTF-8. Save it as UTF-8."
        ) from error
    except RecursionError as error:
        raise BadInput(
            f"{content.source}: is nested too deeply, so it is not an export."
        ) from error
    except ValueError as error:
        raise BadInput(f"{content.source}: is not JSON: {error}.") from error


def _no_number(word: str) -> None:
    raise ValueError(f"it has {word}, which JSON does not have")


def _require_something(content: Content, what: str) -> None:
    """Refuse what is empty, and a page for people: what a registry sends whose log-in has ended."""
    begin = content.data[:_BEGIN].removeprefix(codecs.BOM_UTF8)
    if not content.data.strip():
        raise BadInput(f"{content.source}: is empty; {what} is expected. Fetch it again.")
    if _HTML.match(begin):
        raise BadInput(
            f"{content.source}: is a page of HTML, but {what} is expected. Give the address of the "
            "programmatic interface, not of the portal; a page for a log-in asks for a certificate."
        )
