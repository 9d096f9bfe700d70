"""What checks ask is kept between runs: the same grades with and without, and nothing trusted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from small import solutions, write_course

from grader.course import load_course
from grader.examiner.engine import Engine, EngineError, EngineSettings, kept_recordings
from grader.examiner.shelf import VARIABLE

RIGHT = solutions()["doubling.py"]
SQUARES = "def double(x):\n    return x * x\n"
# Wrong on large inputs alone: hypothesis has to look for a smaller one.
LARGE_ONLY = "def double(x):\n    return 3 * x if x.numel() > 8 else 2 * x\n"
CURIOUS = """
import os

def double(x):
    said = []
    for look in (os.listdir, lambda place: open(os.path.join(place, {entry!r}), "rb")):
        try:
            look({folder!r})
            said.append("happened")
        except OSError as error:
            said.append(type(error).__name__)
    raise ValueError(" ".join(said))
"""
EVERY = {"right": RIGHT, "squares": SQUARES, "large only": LARGE_ONLY}


@dataclass
class Kept:
    """The grades of one engine after another: nothing kept, all kept, keeping switched off."""

    course: Path
    cache: Path
    cold: list[Any] = field(default_factory=list)
    warm: list[Any] = field(default_factory=list)
    off: list[Any] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)  # what was kept after the first
    curious: str = ""


@contextmanager
def cache_at(place: str) -> Iterator[None]:
    before = os.environ[VARIABLE]
    os.environ[VARIABLE] = place
    try:
        yield
    finally:
        os.environ[VARIABLE] = before


def settings(course: Path, **others: Any) -> EngineSettings:
    return EngineSettings(load_course(course).only(["doubling"]), **others)


def graded(engine: Engine, text: str) -> dict[str, Any]:
    """The grade, but for the seconds."""
    (grade,) = engine.examine({"doubling.py": text.encode()}, ["doubling"])
    return timeless(grade)


def timeless(grade: dict[str, Any]) -> dict[str, Any]:
    """A grade as it is in every run: what was asked and found, but not how long it took."""
    for check in grade["checks"]:
        del check["seconds"]
    del grade["evidence"]["spent"]
    return grade


def outcomes(grade: Mapping[str, Any]) -> list[str]:
    return [check["outcome"] for check in grade["checks"]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("cache")
    found = Kept(write_course(folder / "course"), folder / "kept")
    with cache_at(str(found.cache)):
        with Engine(settings(found.course)) as engine:
            found.cold = [graded(engine, text) for text in EVERY.values()]
        found.entries = os.listdir(found.cache)
        with Engine(settings(found.course)) as engine:
            # The first four are examined by processes that have none of the checks, the others
            # by such as have them all.
            for text in (LARGE_ONLY, *EVERY.values(), *EVERY.values()):
                found.warm.append(graded(engine, text))
            spy = CURIOUS.format(folder=str(found.cache), entry=found.entries[0])
            found.curious = graded(engine, spy)["checks"][0]["message"]
    with cache_at("off"), Engine(settings(found.course)) as engine:
        found.off = [graded(engine, text) for text in EVERY.values()]
    return found


def test_grades_are_the_same_whatever_is_kept(kept: Kept) -> None:
    assert kept.warm[1:4] == kept.warm[4:] == kept.cold
    assert kept.off == kept.cold
    right, squares, large_only = kept.cold
    assert outcomes(right) == ["passed", "passed"]
    assert "failed" in outcomes(squares)
    assert outcomes(large_only) == ["passed", "failed"]


def test_a_wrong_submission_that_comes_first_gets_the_same_counterexample_and_hint(
    kept: Kept,
) -> None:
    assert kept.warm[0] == kept.cold[2]
    _, squares, large_only = kept.cold
    assert [check["hint"] for check in squares["checks"]][1] == "This is the square."
    assert "tensor(" in large_only["checks"][1]["message"]


def test_one_entry_an_exercise_is_kept_for_its_owner_alone(kept: Kept) -> None:
    assert len(kept.entries) == 1
    assert kept.cache.stat().st_mode & 0o777 == 0o700
    assert kept.cache.joinpath(kept.entries[0]).stat().st_mode & 0o777 == 0o600


def test_a_sandbox_can_neither_list_nor_read_what_is_kept(kept: Kept) -> None:
    assert "PermissionError PermissionError" in kept.curious


def test_a_changed_check_is_recorded_anew(kept: Kept) -> None:
    hidden = kept.course / "grader" / "checks" / "test_doubling.py"
    before = hidden.read_text(encoding="utf-8")
    hidden.write_text(before.replace("torch.mul(x, 2)", "torch.mul(x, 5)"), encoding="utf-8")
    try:
        with (
            cache_at(str(kept.cache)),
            pytest.raises(EngineError, match="solution does not pass doubling/test_double_matches"),
            Engine(settings(kept.course)),
        ):
            pass
    finally:
        hidden.write_text(before, encoding="utf-8")
    assert os.listdir(kept.cache) == kept.entries, "what is wrong is not kept"


def test_a_run_whose_sandboxes_could_write_there_keeps_nothing(kept: Kept) -> None:
    strict = settings(kept.course)
    with cache_at(str(kept.cache)):
        assert kept_recordings(strict) == kept.cache
        assert kept_recordings(replace(strict, level="off")) is None
        own_user = os.geteuid() == 0
        best = kept_recordings(replace(strict, level="best-effort"))
        assert best == (kept.cache if own_user else None)
    with cache_at("off"):
        assert kept_recordings(strict) is None


def test_a_submission_in_parts_gets_the_same_grades_in_order(kept: Kept) -> None:
    course = load_course(kept.course)
    files = {name: text.encode() for name, text in solutions().items()}
    files["doubling.py"] = LARGE_ONLY.encode()
    with cache_at(str(kept.cache)), Engine(EngineSettings(course)) as engine:
        whole = engine.examine(files)
        parts = engine.examine(files, parts=2)
        pair = engine.examine(files, ["negating", "doubling"], parts=4)
    for grade in (*whole, *parts, *pair):
        timeless(grade)
    assert parts == whole
    assert [grade["name"] for grade in whole] == course.names
    assert pair == [whole[0], whole[2]]
    assert whole[0] == kept.cold[2]
