"""Markdown on the pages."""

from __future__ import annotations

from harness.report.site import markdown

TEXT = """a <b>

| x |
|---|
| y |

```console
$ echo '<pre>'
```
"""


def test_what_scrolls_is_reached_by_the_keyboard() -> None:
    """WCAG 2.2, 2.1.1."""
    html = markdown.rendered(TEXT)
    assert html.count('<pre tabindex="0">') == html.count("<pre") == 1
    assert html.count('<table tabindex="0">') == 1
    assert "&lt;pre&gt;" in html


def test_html_is_text_unless_it_is_our_own() -> None:
    assert "&lt;b&gt;" in markdown.rendered(TEXT)
    assert "<b>" in markdown.rendered(TEXT, trusted=True)
