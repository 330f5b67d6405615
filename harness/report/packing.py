"""Makes Allure's page small: its program and its data, which it holds in base64, are compressed in it.

The browser inflates them, from a server or from the disk alike (WHATWG, Compression Streams).
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re

_PROGRAM = re.compile(r'<script\s+src="data:text/javascript;base64,([\w+/=]+)"></script>')
_DATA = re.compile(
    r"<script defer>\s*Promise\.allSettled\(\[(?P<entries>.*?)\]\)\s*\.then\(function\s*\(\)\s*\{"
    r"\s*window\.allureReportDataReady = true;\s*\}\)\s*;?\s*</script>",
    re.S,
)
_ENTRY = re.compile(r'd\(("(?:[^"\\]|\\.)*"),"([\w+/=]*)"\)')
_SEPARATORS = re.compile(r"[\s,]*")

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
  let at = data.indexOf(10) + 1;
  window.allureReportData = {};
  for (const [name, length] of JSON.parse(new TextDecoder().decode(data.subarray(0, at)))) {
    window.allureReportData[name] = encoded(data.subarray(at, at += length));
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
    index = json.dumps([[name, len(content)] for name, content in entries])
    content = index.encode() + b"\n" + b"".join(content for _, content in entries)
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


def _squeezed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()
