"""What Allure shows of a scenario: its route, family, title and requirements; and never a secret."""

from __future__ import annotations

import inspect
import os
from typing import Any

import allure
import allure_commons
import pytest
from allure_commons.logger import AllureFileLogger

from harness.engine.cells import (
    cell_of,
    family_of,
    requirements,
    requirements_of,
    scenario_at,
    title_of,
)
from harness.printable import storable
from harness.redaction import redactor

ROUTE = "route"
"""The label by which the report groups first (`harness.report.allure.GROUPS`)."""


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Put our redacting writer in the place of Allure's own."""
    for writer in allure_commons.plugin_manager.get_plugins():
        if type(writer) is AllureFileLogger:
            folder = os.path.abspath(config.option.allure_report_dir)
            _replace(writer, RedactingLogger(folder), config)


def _replace(writer: object, ours: object, config: pytest.Config) -> None:
    manager = allure_commons.plugin_manager
    manager.unregister(writer)
    manager.register(ours)

    def restore() -> None:
        manager.unregister(ours)
        manager.register(writer)

    config.add_cleanup(restore)


class RedactingLogger(AllureFileLogger):  # type: ignore[misc]
    """Writes what Allure collects, with every secret cut out that is known by then."""

    @allure_commons.hookimpl  # type: ignore[untyped-decorator]
    def report_result(self, result: Any) -> None:
        """Write a test, whose name and parameters are those that pytest knows it by."""
        _redact_details(result)
        super().report_result(result)

    @allure_commons.hookimpl  # type: ignore[untyped-decorator]
    def report_container(self, container: Any) -> None:
        """Write what surrounds tests: set-up and clean-up."""
        for part in (*container.befores, *container.afters):
            _redact_details(part)
        super().report_container(container)

    @allure_commons.hookimpl  # type: ignore[untyped-decorator]
    def report_attached_data(self, body: Any, file_name: str) -> None:
        """Write an attachment; what is no text is kept as it is."""
        try:
            text = body if isinstance(body, str) else body.decode()
        except UnicodeDecodeError:
            super().report_attached_data(body, file_name)
        else:
            super().report_attached_data(_clean(text), file_name)


def _redact_details(part: Any) -> None:
    """Redact the texts of a test or step, and of the steps within; ids and routes stay."""
    if details := part.statusDetails:
        details.message = _clean(details.message or "")
        details.trace = _clean(details.trace or "")
    for parameter in part.parameters:
        if parameter.name != ROUTE:
            parameter.value = _clean(str(parameter.value))
    for step in part.steps:
        step.name = _clean(step.name or "")
        _redact_details(step)


def _clean(text: str) -> str:
    return storable(redactor.redact(text))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Label a scenario when it runs: of a hundred thousand that are collected, each worker runs some."""
    scenario = scenario_at(item)
    item.add_marker(allure.label(ROUTE, cell_of(item).key[1]))
    item.add_marker(allure.label("scenario", scenario))
    item.add_marker(allure.feature(family_of(scenario)))
    item.add_marker(allure.story(title_of(item)))
    item.add_marker(allure.description(_description(item)))
    item.add_marker(allure.tag(*requirements_of(item)))
    for id_ in requirements_of(item):
        if link := requirements().link(requirements()[id_]):
            item.add_marker(allure.link(link, name=id_))


def _description(item: pytest.Item) -> str:
    """Return docstring and requirements, as Markdown."""
    lines = [inspect.cleandoc(getattr(item, "function", None).__doc__ or ""), ""]
    for id_ in requirements_of(item):
        requirement = requirements()[id_]
        doubt = "" if requirement.confirmed else " (source not confirmed yet)"
        lines.append(
            f"* **{id_}** {requirement.level}: {requirement.statement}. "
            f"Source: {requirement.source}{doubt}."
        )
    return "\n".join(lines)
