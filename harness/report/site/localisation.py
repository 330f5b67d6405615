"""Templates in a reader's language.

A text is translated when its template is compiled, so that a page takes no longer to make.
A template writes `{{ _("Matrix") }}`. Where a text holds values, it writes
`{% trans n=many %}{{ n }} night{% pluralize %}{{ n }} nights{% endtrans %}`. `make messages` finds both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer

from harness.translation import catalogue, tag

TRIMMED = {"ext.i18n.trimmed": True}
"""Policy of the environment: a text may be broken into lines. `make messages` reads them alike."""


class Localised(Environment):
    """Templates of which each text between `_(...)` is put in as it is in the language."""

    def __init__(self, language: str, **options: Any) -> None:
        super().__init__(extensions=["jinja2.ext.i18n"], **options)
        self.policies |= TRIMMED
        self._translations = catalogue(language)
        # The extension adds this method, which the type of the environment does not know.
        install: Any = vars(self)["install_gettext_translations"]
        install(self._translations, newstyle=True)
        self.globals |= {"lang": tag(language)}

    def gettext(self, text: str) -> str:
        """Return a text in the language."""
        return self._translations.gettext(text)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        _Folding(self._translations.gettext).visit(source)
        return super()._generate(source, name, filename, defer_init)


class _Folding(NodeTransformer):
    """Replaces `_("text")`, and a `trans` without values, by the text in the language."""

    def __init__(self, gettext: Callable[[str], str]) -> None:
        self._gettext = gettext

    def visit_Output(self, node: nodes.Output) -> nodes.Output:
        """Put a text that is shown as it is among what the template itself has written."""
        node.nodes = [
            nodes.TemplateData(self._text(text))
            if (text := _constant(one)) is not None
            else self.visit(one)
            for one in node.nodes
        ]
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        """Put a text in that is a part of an expression."""
        if (text := _constant(node)) is not None:
            return nodes.Const(self._text(text), lineno=node.lineno)
        return self.generic_visit(node)  # type: ignore[return-value]

    def _text(self, text: str) -> str:
        # As the extension does it: a text is a format, in which `%%` is a per cent sign.
        return self._gettext(text) % {}


def _constant(node: nodes.Node) -> str | None:
    match node:
        case nodes.Call(
            node=nodes.Name(name="_" | "gettext"), args=[nodes.Const(value=str(text))], kwargs=[]
        ):
            return text
    return None
