"""Collects the checks of a student's run at no more cost than it must have.

Importing a check file imports torch, which takes seconds. Where -k can select none of its checks
the file is read instead, and pytest deselects and counts what was read as it would have the rest.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.outcome import Check
from grader.student.keywords import may_select
from grader.student.unread import checks_of

# What a test of a plain check file may have beside its names: attributes of the decorators, marks.
GIVEN_BY_DECORATORS = (
    "__grader_points__",
    "__wrapped_target",
    "__wrapped__",
    "hypothesis_explicit_examples",
    "is_hypothesis_test",
    "is_hypothesis_strategy_function",
    "_hypothesis_internal_add_digest",
    "_hypothesis_internal_settings_applied",
    "_hypothesis_internal_use_reproduce_failure",
    "_hypothesis_internal_use_seed",
    "_hypothesis_internal_use_settings",
    "pytestmark",
)
# Plugins that have a say in which tests there are, by the hooks that say it.
_SAY = {
    "pytest_collect_file",
    "pytest_collection",
    "pytest_collection_modifyitems",
    "pytest_generate_tests",
    "pytest_itemcollected",
    "pytest_make_collect_report",
    "pytest_pycollect_makeitem",
    "pytest_pycollect_makemodule",
}
# These have none in plain functions: pytest itself, this package, and anyio, which Jupyter brings.
_HARMLESS = {"_pytest", "grader", "_hypothesis_pytestplugin", "anyio"}


class Collecting:
    """A pytest plugin for one run of `pytest exercises`."""

    def __init__(self, course: Course) -> None:
        self._course = course

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> Any:
        """The file as one that is read, where nothing in it can be selected; else as ever."""
        expression = parent.config.getoption("keyword", "").strip()
        if not expression or not _is_plain(parent.config):
            return None
        checks = checks_of(self._course, module_path)
        if checks is None:
            return None
        around = [node.name for node in parent.listchain()]
        doubtful = [*GIVEN_BY_DECORATORS, *around, *parent.listextrakeywords()]
        doubtful += [mark.name for mark in parent.iter_markers()]
        if any(may_select(expression, [name, module_path.name], doubtful) for name, *_ in checks):
            return None
        return ReadFile.from_parent(parent, path=module_path, checks=checks)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Import torch without looking for garbage among what it makes: a tenth of the time."""
        if "torch" in sys.modules or not gc.isenabled():
            return (yield)
        gc.disable()
        try:
            return (yield)
        finally:
            gc.freeze()
            gc.enable()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """hypothesis's plugin imports all of it to close a run; here one that never used it."""
        plugins = session.config.pluginmanager
        plugin = plugins.get_plugin("hypothesispytest")
        if plugin is not None and "hypothesis" not in sys.modules:
            plugins.unregister(plugin)


class ReadFile(pytest.File):
    """A check file that was read and not imported; -k selects none of its checks."""

    def __init__(self, checks: list[tuple[str, int, Check]], **others: Any) -> None:
        super().__init__(**others)
        self._checks = checks

    def __repr__(self) -> str:
        return f"<Module {self.name}>"  # as pytest says it where a node id names no test

    def collect(self) -> Iterator[pytest.Item]:
        from grader.plugin import CHECK

        for name, line, check in self._checks:
            item: pytest.Item = ReadCheck.from_parent(self, name=name, line=line)
            item.stash[CHECK] = check
            yield item


class ReadCheck(pytest.Item):
    """A check that was read and not imported: it has its names, and cannot run."""

    def __init__(self, line: int, **others: Any) -> None:
        super().__init__(**others)
        self._line = line

    def runtest(self) -> None:
        raise RuntimeError(
            f"{self.nodeid} was taken for one that -k does not select: a fault of the grader's; "
            "run it by its name, without -k"
        )

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._line - 1, self.name


def _is_plain(config: pytest.Config) -> bool:
    """Whether nothing but pytest, this package and -k has a say in which tests are run."""
    if config.getoption("markexpr", ""):
        return False
    if (config.getini("python_functions"), config.getini("python_classes")) != (["test"], ["Test"]):
        return False
    plugins = config.pluginmanager
    names = [_dotted(plugin) for plugin in plugins.get_plugins()]
    if any(name[-1] == "conftest" for name in names):  # it may give every check parameters
        return False
    return not any(
        {hook.name for hook in plugins.get_hookcallers(plugin) or ()} & _SAY
        for plugin in plugins.get_plugins()
        if _dotted(plugin)[0] not in _HARMLESS
    )


def _dotted(plugin: object) -> list[str]:
    """The module that a plugin is, or comes from."""
    name = getattr(plugin, "__name__", None)
    return (name if isinstance(name, str) else type(plugin).__module__).split(".")
