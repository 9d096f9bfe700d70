"""What -k selects, with check files read where that is enough and with all of them imported.

Run in a course's folder, as a process of its own: one that has torch is no place to see whether a
run imports it. Writes JSON to the file that it is given.
"""

from __future__ import annotations

import json
import os
import random
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from grader.course import load_course
from grader.plugin import CHECK
from grader.student.collecting import GIVEN_BY_DECORATORS, ReadCheck
from grader.student.unread import checks_of

HEAVY = ("torch", "hypothesis", "torchvision", "matplotlib", "tensorboard")
WRITTEN = (
    "l1_loss",
    "L1_LOSS",
    "losses",
    "test_losses.py",
    "exercises",
    "exercises/",
    "not exercises",
    "test",
    "hypothesis",
    "grader_points",
    "is_hypothesis_test",
    "wrapped",
    "sgd and not momentum",
    "not (sgd or adam) and gradient",
    "nothing_matches or (relu and not leaky)",
    "not not plot",
    "True",
    "or_torchs and not_there",
    "test_relu[1]",
    "relu-1",
    "nothing_matches and hypothesis",
)
Selection = tuple[list[str], list[str]]  # the ids of the tests selected, and of those that are not


class Comparing:
    """Asks for the collection again and again. It has no hook with a say in what is collected."""

    def __init__(self, drawn: int) -> None:
        self.drawn = drawn
        self.found: dict[str, Any] = {}
        self._deselected: list[pytest.Item] = []

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._deselected += items

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        nothing = [self._selected(session, word) for word in ("nothing_matches", "not test")]
        self.found["imported for nothing"] = imported()
        expressions = [*WRITTEN, *self._expressions()]
        lean = [self._selected(session, expression) for expression in expressions]
        plugins = session.config.pluginmanager
        plugins.unregister(name="grader-collecting")
        self._compare_names(self._items(session, "test"))
        plain = [self._selected(session, expression) for expression in expressions]
        self.found["compared"] = len(expressions)
        self.found["different"] = [
            expression
            for expression, (one, _), (other, _) in zip(expressions, lean, plain, strict=True)
            if one != other
        ]
        self.found["selected"] = sum(bool(selection[0]) for selection, _ in lean)
        self.found["checks read"] = [sum(read for _, read in runs) for runs in (lean, plain)]
        self.found["all deselected"] = all(not one[0] and len(one[1]) == r for one, r in nothing)
        return True

    def _items(self, session: pytest.Session, expression: str) -> list[pytest.Item]:
        session.config.option.keyword = expression
        self._deselected = []
        return [item for item in session.perform_collect() if isinstance(item, pytest.Item)]

    def _selected(self, session: pytest.Session, expression: str) -> tuple[Selection, int]:
        """What is selected and what is not, in order, and how many of it were only read."""
        items = self._items(session, expression)
        read = sum(isinstance(item, ReadCheck) for item in (*items, *self._deselected))
        return ([i.nodeid for i in items], [i.nodeid for i in self._deselected]), read

    def _compare_names(self, items: list[pytest.Item]) -> None:
        """Hold what is read of each file against what importing it gave."""
        course = load_course(Path.cwd())
        for file in course.stubs.glob("test_*.py"):
            read = [(name, asdict(check)) for name, _, check in checks_of(course, file) or []]
            known = [(i.name, asdict(i.stash[CHECK])) for i in items if i.path == file]
            self.found.setdefault("files", {})[file.name] = read == known
        functions = [item.function for item in items if isinstance(item, pytest.Function)]
        attributes = {name for function in functions for name in vars(function)}
        attributes |= {mark.name for item in items for mark in item.iter_markers()}
        self.found["unforeseen"] = sorted(attributes - {*GIVEN_BY_DECORATORS, "hypothesis"})

    def _expressions(self) -> list[str]:
        """Expressions of parts of the checks' names, now and then of nothing's."""
        course = load_course(Path.cwd())
        files = sorted(course.stubs.glob("test_*.py"))
        names = [name for file in files for name, _, _ in checks_of(course, file) or []]
        choose = random.Random(20)

        def expression(depth: int) -> str:
            kind = choose.randrange(4) if depth else 0
            if kind == 0:
                name = choose.choice(names)
                first = choose.randrange(len(name) - 4)
                part = name[first : choose.randint(first + 4, len(name))]
                return part + "_" * choose.choice([0, 0, 1])
            if kind == 1:
                return f"not {expression(depth - 1)}"
            joined = " and " if kind == 2 else " or "
            return f"({expression(depth - 1)}{joined}{expression(depth - 1)})"

        return [expression(choose.randrange(4)) for _ in range(self.drawn)]


def imported() -> list[str]:
    return [name for name in HEAVY if name in sys.modules]


def main() -> None:
    file, drawn = Path(sys.argv[1]), int(sys.argv[2])
    comparing = Comparing(drawn)
    os.environ.pop("PYTEST_ADDOPTS", None)
    pytest.main(["exercises", "-q", "-k", "nothing_matches"], plugins=[comparing])
    file.write_text(json.dumps(comparing.found), encoding="utf-8")


if __name__ == "__main__":
    main()
