"""Makes Allure's page small: its program and its data, which it holds in base64, are compressed in it.

The browser inflates them, from a server or from the disk alike (WHATWG, Compression Streams). Random names
of steps and attachments cannot be compressed, and there are tens of thousands: they become numbers. Content
that is there several times is kept once, and tests that are alike stand beside each other.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
from collections.abc import Iterable, Iterator

_PROGRAM = re.compile(r'<script\s+src="data:text/javascript;base64,([\w+/=]+)"></script>')
_DATA = re.compile(
    r"<script defer>\s*Promise\.allSettled\(\[(?P<entries>.*?)\]\)\s*\.then\(function\s*\(\)\s*\{"
    r"\s*window\.allureReportDataReady = true;\s*\}\)\s*;?\s*</script>",
    re.S,
)
_ENTRY = re.compile(r'd\(("(?:[^"\\]|\\.)*"),"([\w+/=]*)"\)')
_SEPARATORS = re.compile(r"[\s,]*")

_RESULTS = "data/test-results/"
_ATTACHMENTS = "data/attachments/"
_ORDER = re.compile(
    rb'"name":"(?P<name>(?:[^"\\]|\\.)*)".*?"fullName":"(?P<function>(?:[^"\\]|\\.)*)"', re.S
)
# The program finds attachments by their ids alone; nothing but its own page knows ids of steps.
_NAMED = re.compile(
    rb'(?P<key>"(?:stepId|id)":")(?P<id>[0-9a-f]{32})(?P<end>"(?P<part>,"type":"(?:before|after)")?)'
)
_FILE = re.compile(rb'("originalFileName":")[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-')

_LOADER = """<script type="text/plain" id="testbed-program">PROGRAM</script>
<script type="text/plain" id="testbed-data">DATA</script>
<script>
(async () => {
  if (!window.DecompressionStream) {
    document.body.textContent = "This browser is too old for this page: it cannot inflate what is in it.";
    return;
  }
  const inflated = async (id) => {
    const packed = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };
  const encoded = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) {
      text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    }
    return btoa(text);
  };
  const data = await inflated("testbed-data");
  const begin = data.indexOf(10) + 1;
  window.allureReportData = {};
  for (const [name, at, length] of JSON.parse(new TextDecoder().decode(data.subarray(0, begin)))) {
    window.allureReportData[name] = encoded(data.subarray(begin + at, begin + at + length));
  }
  window.allureReportDataReady = true;
  const program = document.createElement("script");
  program.textContent = new TextDecoder().decode(await inflated("testbed-program"));
  document.body.append(program);
})();
</script>"""


def packed(page: str) -> str:
    """Return Allure's page with its program and data compressed.

    A page of another form, as a later Allure may write it, is returned as it is: it is larger, and works.
    """
    program, data = _PROGRAM.search(page), _DATA.search(page)
    if program is None or data is None or program.end() > data.start():
        return page
    entries = _entries(data["entries"])
    if entries is None:
        return page
    content = _joined(_renamed(entries))
    # From the end, so that neither is looked for in what was put in place of the other.
    loader = _LOADER.replace("DATA", _squeezed(content), 1)
    loader = loader.replace("PROGRAM", _squeezed(base64.b64decode(program[1])), 1)
    between = page[program.end() : data.start()]
    return page[: program.start()] + between + loader + page[data.end() :]


def _entries(text: str) -> list[tuple[str, bytes]] | None:
    """Return name and content of all data of the page; None where something else is among them."""
    found, at = [], 0
    for match in _ENTRY.finditer(text):
        if not _SEPARATORS.fullmatch(text, at, match.start()):
            return None
        try:
            found.append((json.loads(match[1]), base64.b64decode(match[2], validate=True)))
        except (ValueError, binascii.Error):
            return None
        at = match.end()
    return found if _SEPARATORS.fullmatch(text, at) else None


def _renamed(entries: list[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Yield the data with numbers in place of random ids, in an order in which neighbours are alike."""
    files = {_stem(name): (name, content) for name, content in entries if _is_attachment(name)}
    numbers: dict[bytes, bytes] = {}

    def numbered(found: re.Match[bytes]) -> bytes:
        id_ = found["id"]
        if not (b"stepId" in found["key"] or found["part"] or id_.decode() in files):
            return found[0]
        return found["key"] + numbers.setdefault(id_, b"%x" % len(numbers)) + found["end"]

    for name, content in sorted(entries, key=_likeness):
        if not _is_attachment(name):
            yield name, _FILE.sub(rb"\1", _NAMED.sub(numbered, content))
    # Those of which a test tells, in its order; and what else is there.
    told = [stem for id_ in numbers if (stem := id_.decode()) in files]
    for stem in dict.fromkeys([*told, *files]):
        name, content = files[stem]
        number = numbers.get(stem.encode(), stem.encode()).decode()
        yield name.replace(stem, number, 1), content


def _is_attachment(name: str) -> bool:
    return name.startswith(_ATTACHMENTS)


def _stem(name: str) -> str:
    return name.removeprefix(_ATTACHMENTS).partition(".")[0]


def _likeness(entry: tuple[str, bytes]) -> tuple[bool, bytes, bytes, str]:
    """Return what sorts the tests by their function, and leaves what is no test before them."""
    name, content = entry
    found = _ORDER.search(content) if name.startswith(_RESULTS) else None
    return (True, found["function"], found["name"], name) if found else (False, b"", b"", "")


def _joined(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """Return an index (name, where its content begins, its length) and all contents, each of them once."""
    index: list[tuple[str, int, int]] = []
    contents: dict[bytes, int] = {}
    end = 0
    for name, content in entries:
        if content not in contents:
            contents[content] = end
            end += len(content)
        index.append((name, contents[content], len(content)))
    return json.dumps(index, separators=(",", ":")).encode() + b"\n" + b"".join(contents)


def _squeezed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()
