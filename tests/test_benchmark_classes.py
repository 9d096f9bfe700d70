"""What the benchmarks grade: the courses they cut, and the classes they make of known mistakes."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
import torch

from grader.course import Course

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(scope="module")
def classroom() -> Iterator[ModuleType]:
    """The benchmarks' module of that name: they are no package, as they are run as files.

    It has checks run in this process, with hypothesis and torch set as checks have them; those of a
    cut course go by the names of the course's own, which others in this process may want.
    """
    threads = torch.get_num_threads()
    own = taken_out()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import classroom

        yield classroom
    taken_out()
    sys.modules.update(own)
    hypothesis.settings.load_profile("steady")
    torch.set_num_threads(threads)


def taken_out() -> dict[str, ModuleType]:
    """The check modules that are loaded, which are not any more."""
    names = [name for name in sys.modules if name.startswith(("grader.checks.", "exercises."))]
    return {name: sys.modules.pop(name) for name in names}


@pytest.fixture(scope="module")
def cut(classroom: ModuleType, course: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    return classroom.cut_course(course, tmp_path_factory.mktemp("cut"), "losses", 16)


@pytest.fixture(scope="module")
def caught(classroom: ModuleType, cut: Course) -> dict[str, list]:
    return classroom.caught_by_checks(cut, most=8)


def test_a_cut_course_has_so_many_hidden_checks_of_every_function(classroom, course, cut):
    whole = [name for of, name in classroom.check_names(course) if of == "losses"]
    names = [name for _, name in classroom.check_names(cut)]
    assert len(names) == 16
    assert names == [name for name in whole if name in names]
    functions = {cut.exercise("losses").function_of(name) for name in names}
    assert functions == set(course.exercise("losses").functions)
    assert cut.limits == course.limits
    assert cut.exercise("losses").forbidden == course.exercise("losses").forbidden


def test_more_checks_than_there_are_is_refused(classroom, course, tmp_path):
    with pytest.raises(classroom.BenchmarkError, match="hidden checks, not 99"):
        classroom.cut_course(course, tmp_path, "losses", 99)


def test_every_third_of_a_mixed_class_is_wrong_each_with_another_mistake(classroom, cut, caught):
    pupils = classroom.make_class("mixed", cut, caught, 12)
    assert [bool(pupil.mistakes) for pupil in pupils] == 4 * [False, False, True]
    mistakes = [pupil.mistakes["losses"] for pupil in pupils if pupil.mistakes]
    assert len(set(mistakes)) == 4
    assert len({pupil.files["losses.py"] for pupil in pupils}) == 12


def test_the_first_wrong_ones_are_wrong_in_all_functions(classroom, course, caught):
    functions = course.exercise("losses").functions
    assert {known.function for known in caught["losses"][: len(functions)]} == set(functions)


def test_checks_called_as_functions_tell_right_from_wrong(classroom, cut, caught, monkeypatch):
    import plain_checks

    def failed(pupil) -> set[str]:
        found, module = set(), ModuleType("losses")
        exec(compile(pupil.files["losses.py"], "losses.py", "exec"), vars(module))
        for exercise, name in classroom.check_names(cut):
            try:
                plain_checks.run_check(exercise, name, module)
            except AssertionError:
                found.add(cut.exercise("losses").function_of(name))
        return found

    monkeypatch.setenv(plain_checks.FOLDER_VARIABLE, str(cut.root))
    (right,) = classroom.make_class("right", cut, caught, 1)
    (wrong,) = classroom.make_class("wrong", cut, caught, 1)
    assert failed(right) == set()
    assert failed(wrong) == {caught["losses"][0].function}


@pytest.fixture(scope="module")
def wrong(classroom: ModuleType) -> ModuleType:
    """The benchmark of wrong submissions; `classroom` has its folder among the modules'."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        import wrong

        return wrong


def test_every_third_of_a_class_is_wrong_each_in_its_own_way(wrong, course):
    made = list(wrong.turns(wrong.Maker(course, random.Random(0)), 12, 1))
    kinds = [kind for kind, _, _ in made]
    assert [kind == wrong.CORRECT for kind in kinds[:12]] == [True, True, False] * 4
    assert len({*kinds}) == 7
    assert len({tuple(sorted(files.items())) for _, _, files in made}) == len(made)
    changed = {kind: _other_than_the_solutions(course, files) for kind, _, files in made}
    everywhere = set(course.names)
    assert changed[wrong.CORRECT] == set()
    assert len(changed["a known mistake in one exercise"]) == 1
    assert len(changed["all functions of an exercise wrong"]) == 1
    assert changed["a known mistake in every exercise"] == everywhere
    assert changed["nothing written"] == changed[wrong.ALL_WRONG] == everywhere
    assert len(changed[wrong.ENDLESS]) == 2


def test_the_same_seed_makes_the_same_class(wrong, course):
    one, other = (list(wrong.turns(wrong.Maker(course, random.Random(3)), 6, 1)) for _ in "ab")
    assert one == other


def _other_than_the_solutions(course: Course, files: dict[str, bytes]) -> set[str]:
    """The exercises whose file is another than the solution, but for the copy's number."""
    return {
        exercise.name
        for exercise in course.exercises
        if files[exercise.file_name].rpartition(b"\n# copy")[0]
        != (course.solutions / exercise.file_name).read_bytes()
    }
