"""The pytest plugin that `pytest exercises` and the examiner share.

It finds the course, gives each exercise a fixture of its name, and turns what a check raises into
one of the course's outcomes. Outside a course it does nothing. It imports torch only when a check
runs.
"""

from __future__ import annotations

import functools
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.course import Course, CourseError, find_course
from grader.outcome import Check, Problem, Result

EXAMPLES = 20  # of each property, unless the check says otherwise
COURSE = pytest.StashKey[Course]()
CHECK = pytest.StashKey[Check]()
DRAWN = pytest.StashKey[Any]()  # what the fixture `drawn` gave a check
_UNSTEADY = "called again it was right: does it keep something from one call to the next?"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("grader", "deep-learning course")
    group.addoption(
        "--device",
        default="cpu",
        choices=("cpu", "cuda"),
        metavar="cpu|cuda",
        help="where the checks put their tensors",
    )
    group.addoption(
        "--data", metavar="DIR", help="a folder with the real CIFAR-10, instead of the made set"
    )
    group.addoption(
        "--report",
        nargs="?",
        const="",
        metavar="FILE",
        help="write a page about your work, with pictures of what it does (default: report.html)",
    )


def pytest_configure(config: pytest.Config) -> None:
    try:
        course = find_course(Path(config.rootpath))
    except CourseError as error:
        if (Path(config.rootpath) / "course.toml").exists():
            raise pytest.UsageError(str(error)) from None
        if config.getoption("--report") is not None:
            raise pytest.UsageError(
                "--report: there is no course here: go to the folder of course.toml"
            ) from None
        return
    config.stash[COURSE] = course
    config.pluginmanager.register(_fixtures(course), "grader-exercises")
    if not any(hasattr(plugin, "examine") for plugin in config.pluginmanager.get_plugins()):
        from grader.student.plugins import register

        register(config, course)


def _fixtures(course: Course) -> object:
    """A plugin with one fixture for each exercise, of its name."""
    plugin = ModuleType("grader-exercises")
    vars(plugin).update({name: _exercise_fixture(name) for name in course.names})
    return plugin


def _exercise_fixture(name: str) -> Any:
    @pytest.fixture(name=name, scope="session")
    def exercise(request: pytest.FixtureRequest, device: str) -> Any:
        """The functions of one exercise, to be held against torch."""
        from grader.checking.subjects import StandIn

        plugins = request.config.pluginmanager.get_plugins()
        (examining,) = (plugin for plugin in plugins if hasattr(plugin, "examine"))
        return StandIn(name, examining.examine)

    return exercise


@pytest.fixture(scope="session")
def device(request: pytest.FixtureRequest) -> str:
    """The device that every check runs on: cpu or cuda."""
    chosen = str(request.config.getoption("--device"))
    if chosen == "cuda" and request.config.pluginmanager.has_plugin("grader-student"):
        import torch

        if not torch.cuda.is_available():
            raise pytest.UsageError("--device cuda: torch finds no GPU on this machine")
    return chosen


@pytest.fixture
def drawn(request: pytest.FixtureRequest) -> Any:
    """Numbers that follow from the run's seed and the check: `grader.checking.drawing.Drawn`."""
    from grader.checking.drawing import Drawn

    seed = request.config.getoption("--hypothesis-seed", None)
    request.node.stash[DRAWN] = Drawn(str(seed or 0), request.node.name)
    return request.node.stash[DRAWN]


@pytest.fixture(scope="session")
def images(request: pytest.FixtureRequest) -> tuple[Any, Any, Any, Any]:
    """uint8 images (N, 3, 32, 32) and their labels to train on, then such to test on."""
    return images_in(request.config.getoption("--data"))


@functools.cache  # the examiner sets fixtures up anew for each check
def images_in(folder: str | None) -> tuple[Any, Any, Any, Any]:
    """What the fixture `images` gives; `folder` has the real CIFAR-10, None means the made set."""
    from grader.dataset import load_images

    root = Path(folder) if folder else None
    return (*load_images(root, train=True, limit=320), *load_images(root, train=False, limit=160))


def pytest_collectstart(collector: pytest.Collector) -> None:
    course = collector.config.stash.get(COURSE, None)
    if course is None or not isinstance(collector, pytest.Module):
        return
    if collector.path.parent not in (course.stubs, course.hidden_checks):
        return
    source = collector.path.read_bytes()
    if b"hypothesis" not in source and b"strategies" not in source:
        return  # nothing is drawn, and importing hypothesis takes half a second
    draw_as_checks_do(derandomize=collector.config.pluginmanager.has_plugin("grader-student"))


def draw_as_checks_do(derandomize: bool) -> None:
    """Have hypothesis draw as every check does; `derandomize` where no seed was given."""
    from hypothesis import HealthCheck, Phase, settings

    # A check is decided by its outcome, never by how long it took or by an earlier run.
    settings.register_profile(
        "grader",
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=derandomize,
        phases=set(Phase) - {Phase.explain},  # it traces every line, for words nobody sees
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("grader")


def pytest_itemcollected(item: pytest.Item) -> None:
    course = item.config.stash.get(COURSE, None)
    if course is None or not isinstance(item, pytest.Function):
        return
    from grader.checking.check import check_of

    try:
        check = check_of(course, item.path, item.name, item.function)
    except CourseError as error:
        raise pytest.UsageError(str(error)) from None
    if check is not None:
        item.stash[CHECK] = check


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    check = item.stash.get(CHECK, None)
    if check is None or (call.when != "call" and call.excinfo is None):
        return report
    problem = _problem(call.excinfo.value) if call.excinfo else None
    outcome, message = (problem.outcome, problem.message) if problem else ("passed", None)
    result = Result(check, outcome, message, call.duration, problem=problem)
    student = item.config.pluginmanager.get_plugin("grader-student")
    if student is not None and outcome in ("failed", "error"):
        result = student.diagnosed(result)
    report.grader_result = result  # type: ignore[attr-defined]  # a report carries what it is given
    if outcome != "passed":
        report.outcome = "failed"  # a skip inside a check would otherwise leave the count
        text = f"{message}\nhint      {result.hint}" if result.hint else message or ""
        # pytest's own type is none of its public names; it asks for these methods alone.
        report.longrepr = _Panel(text, _Headline(check.title))  # type: ignore[assignment]
    return report


@dataclass(frozen=True)
class _Headline:
    """What pytest's short summary says of a check, in one line."""

    message: str


@dataclass(frozen=True)
class _Panel:
    """How pytest shows a check that is not passed: the whole text once, and its title for short."""

    text: str
    reprcrash: _Headline

    def toterminal(self, out: Any) -> None:
        for line in self.text.splitlines():
            out.line(line)

    def __str__(self) -> str:
        return self.text


def _problem(raised: BaseException) -> Problem:
    """Why a check that raised this is not passed."""
    from grader.checking.expectations import Mismatch, Verdict

    if isinstance(raised, (Mismatch, Verdict)):
        return raised.problem
    if isinstance(raised, BaseExceptionGroup):  # hypothesis asked again and got another answer
        for inner in raised.exceptions:
            if isinstance(inner, Mismatch):
                return replace(inner.problem, notes=(_UNSTEADY,))
    return Problem("error", f"the check itself broke: {type(raised).__name__}: {raised}")
