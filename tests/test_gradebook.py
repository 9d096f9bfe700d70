"""Grades are kept for good and found again, in a file as on a server, through kills and crowds."""

from __future__ import annotations

import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from books import (
    CONDITIONS,
    LAYERS,
    WORK,
    adding,
    begun,
    exercise,
    found,
    graded,
    rejected,
)

from grader.gradebook import Gradebook, GradebookError, NewGrading

# What is added is found


def test_a_result_is_found_again_by_id_work_and_conditions(gradebook: Gradebook) -> None:
    message = "é\ud800\x00 '; --\n\u202e"
    grading = graded(gradebook, "ada", message=message)
    again = found(gradebook, "ada")
    assert again == grading.exercises[0]
    assert again is not None and again.entry["checks"][0]["message"] == message
    assert found(gradebook, "bob") is None
    assert found(gradebook, "ada", work="e" * 64) is None
    assert gradebook.find("ada", WORK, {"layers": CONDITIONS}) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"checks": "d" * 64},
        {"engine": "d" * 64},
        {"torch": "2.14.0"},
        {"seed": 2**70},
        {"device": "cuda"},
        {"sandbox": "off"},
        {"data": "/images"},
    ],
)
def test_a_result_is_not_reused_under_other_conditions(
    gradebook: Gradebook, changed: dict[str, Any]
) -> None:
    other = replace(CONDITIONS, **changed)
    graded(gradebook, "ada", 1.0)
    assert gradebook.find("ada", WORK, {"losses": other}) == {}
    graded(gradebook, "ada", 2.0, conditions=other)
    assert gradebook.find("ada", WORK, {"losses": other})["losses"].grade.points == 2
    assert gradebook.find("ada", WORK, {"losses": CONDITIONS})["losses"].grade.points == 1
    assert CONDITIONS.differences(other) == list(changed)


def test_the_newest_of_the_same_results_is_reused(gradebook: Gradebook) -> None:
    for points in (1.0, 2.0, 0.5):
        graded(gradebook, "ada", points)
    again = found(gradebook, "ada")
    assert again is not None and again.grade.points == 0.5


def test_a_reused_result_is_kept_once_and_the_others_have_their_own_conditions(
    gradebook: Gradebook,
) -> None:
    run = begun(gradebook)
    both = [exercise("losses", 2.0), exercise("layers", 1.0)]
    first = gradebook.add(NewGrading(run, "ada", WORK, None, both))
    changed = replace(CONDITIONS, checks="d" * 64, seed=8)
    known = gradebook.find("ada", WORK, {"losses": CONDITIONS, "layers": changed})
    assert list(known) == ["losses"]
    parts = [known["losses"], exercise("layers", 2.0, changed)]
    second = gradebook.add(NewGrading(begun(gradebook), "ada", WORK, None, parts))
    assert second.exercises[0].number == first.exercises[0].number
    assert second.exercises[1].number != first.exercises[1].number
    assert [one.conditions for one in second.exercises] == [CONDITIONS, changed]
    assert (first.mixed, second.mixed) == (False, True)
    assert (first.points, second.points, second.max_points) == (3, 4, 4)
    assert gradebook.history("ada") == [first, second]
    assert gradebook.newest_and_previous() == [(second, first)]


def test_every_grading_is_kept_and_the_newest_counts(gradebook: Gradebook) -> None:
    first = graded(gradebook, "ada", 1.0)
    second = graded(gradebook, "ada", 2.0, work="e" * 64)
    bob = graded(gradebook, "Bob")
    third = rejected(gradebook, "ada", "it holds no exercise", begun(gradebook))
    assert gradebook.history("ada") == [first, second, third]
    assert gradebook.history("nobody") == []
    assert gradebook.newest() == [bob, third]
    assert gradebook.newest_and_previous() == [(bob, None), (third, second)]
    assert [entry["reason"] for entry in gradebook.latest()] == [None, "it holds no exercise"]
    assert (third.status, third.points, third.exercises) == ("rejected", 0, ())
    assert third.grade.reason == "it holds no exercise"
    assert third.graded_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - third.graded_at) < timedelta(minutes=5)


def test_the_book_can_be_read_as_it_was_after_an_earlier_run(gradebook: Gradebook) -> None:
    runs = [begun(gradebook) for _ in range(3)]
    first = graded(gradebook, "ada", 1.0, run=runs[0])
    second = graded(gradebook, "ada", 2.0, run=runs[1])
    bob = graded(gradebook, "bob", run=runs[1])
    third = graded(gradebook, "ada", 0.0, run=runs[2])
    assert gradebook.newest(as_of=runs[0]) == [first]
    assert gradebook.newest(as_of=runs[1]) == [second, bob]
    assert gradebook.newest() == [third, bob]
    assert [one.points for one in gradebook.class_grades(as_of=runs[1]).grades] == [2, 1.5]
    with pytest.raises(GradebookError, match="has no run 99"):
        gradebook.class_grades(as_of=99)


def test_nothing_is_added_where_the_newest_grading_is_the_very_same(gradebook: Gradebook) -> None:
    run = begun(gradebook)
    first = graded(gradebook, "ada", run=run)
    same = NewGrading(begun(gradebook), "ada", WORK, None, first.exercises)
    assert gradebook.add(same, unless_newest=True) == first
    other = graded(gradebook, "ada", conditions=replace(CONDITIONS, seed=8), run=run)
    back = gradebook.add(same, unless_newest=True)
    assert back.exercises == first.exercises
    assert gradebook.history("ada") == [first, other, back]
    for reason in ("a link", "a link", "too large"):
        rejected(gradebook, "ada", reason, run, unless_newest=True)
    assert [one.reason for one in gradebook.history("ada")[3:]] == ["a link", "too large"]


# Runs


def test_a_run_says_what_was_asked_for_and_how_it_ended(gradebook: Gradebook) -> None:
    first = begun(gradebook)
    second = begun(gradebook, only=["losses"], seed=2**60, data="/images")
    gradebook.end(second, LAYERS, 12.5)
    interrupted, ended = gradebook.runs()
    assert (interrupted.number, interrupted.finished, interrupted.seconds) == (first, None, None)
    assert interrupted.only is None
    assert ended.finished is not None and ended.finished >= ended.began
    assert (ended.seconds, ended.layers, ended.seed) == (12.5, tuple(LAYERS), 2**60)
    assert (ended.course, ended.data, ended.grader) == ("Deep learning", "/images", "0.1.0")
    assert ended.paths == (Path("/class/one"), Path("two").absolute())
    assert (ended.only, ended.course_folder) == (("losses",), Path("/course"))


def test_the_grades_of_a_class_are_the_newest_under_the_newest_runs_conditions(
    gradebook: Gradebook,
) -> None:
    early = begun(gradebook, sandbox="off", seed=1)
    weaker = replace(CONDITIONS, sandbox="off")
    curves = [{"title": "loss", "function": "it", "got": [1.0], "expected": [2.0]}]
    drawn = replace(exercise(conditions=weaker, curves=curves), layers=["seccomp", "rlimits"])
    gradebook.add(NewGrading(early, "ada", WORK, None, [drawn]))
    late = begun(gradebook)
    graded(gradebook, "Bob", 2.0, run=late)
    rejected(gradebook, "chidi", "a link", late)
    gradebook.end(late, LAYERS, 3.5)
    grades = gradebook.class_grades()
    assert (grades.course, grades.seed, grades.torch) == ("Deep learning", 7, "2.13.0")
    assert (grades.device, grades.seconds) == ("cpu", 3.5)
    assert grades.level == "off"  # of the weakest, and the layers that held for all
    assert grades.layers == ("rlimits", "seccomp")
    assert [(one.id, one.status, one.points) for one in grades.grades] == [
        ("Bob", "graded", 2.0),
        ("ada", "graded", 1.5),
        ("chidi", "rejected", 0.0),
    ]
    assert grades.grades[1].exercises[0].curves[0].got == (1.0,)
    assert grades.grades[0].graded_at == gradebook.newest()[0].graded_at


def test_a_seed_is_drawn_once_for_each_gradebook(address: str | Path) -> None:
    with Gradebook(address) as gradebook:
        assert gradebook.seed(17) == 17
        assert gradebook.seed(18) == 17
    with Gradebook(address) as reopened:
        assert reopened.seed(19) == 17


def test_a_gradebook_begun_with_a_given_seed_goes_on_with_it(gradebook: Gradebook) -> None:
    graded(gradebook, "ada", conditions=replace(CONDITIONS, seed=7))
    assert gradebook.seed(17) == 7


# Opening


def test_an_empty_gradebook_has_no_grades(gradebook: Gradebook) -> None:
    assert (gradebook.latest(), gradebook.newest_and_previous(), gradebook.runs()) == ([], [], [])
    with pytest.raises(GradebookError, match="is empty: grade first"):
        gradebook.class_grades()


def test_grades_outlive_the_gradebook(tmp_path: Path) -> None:
    path = tmp_path / "results" / "deep" / "100% ünï?code" / "grades.sqlite"
    with Gradebook(path) as gradebook:
        kept = [graded(gradebook, "ada")]
    for name in (path, str(path)):
        with Gradebook(name) as gradebook:
            assert gradebook.newest() == kept
        with Gradebook(name, reading=True) as gradebook:
            assert gradebook.newest() == kept


def test_reading_makes_nothing(tmp_path: Path, server: Any) -> None:
    with pytest.raises(GradebookError, match=r"there is no gradebook .*db: grade first"):
        Gradebook(tmp_path / "no" / "grades.db", reading=True)
    assert list(tmp_path.iterdir()) == []
    empty = server.database()
    with pytest.raises(GradebookError, match="holds no gradebook: grade first"):
        Gradebook(empty, reading=True)
    with Gradebook(empty) as gradebook:
        graded(gradebook, "ada")
    with Gradebook(empty, reading=True) as gradebook:
        assert len(gradebook.newest()) == 1


# Kills and crowds


def test_what_was_reported_as_committed_survives_a_kill(address: str | Path) -> None:
    process = adding(address, "student", 0)
    process.stdin.write("\n")
    process.stdin.flush()
    reported = [process.stdout.readline() for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    reported += rest.splitlines(keepends=True)
    ids = {line.removesuffix("\n") for line in reported if line.endswith("\n")}
    with Gradebook(address) as gradebook:
        kept = {grade["id"] for grade in gradebook.latest()}
        graded(gradebook, "afterwards")
    assert len(ids) >= 25
    assert ids <= kept
    assert len(kept - ids) <= 1  # committed, and killed before it could say so


def test_two_processes_that_add_at_once_lose_nothing(address: str | Path) -> None:
    processes = [adding(address, prefix, 25) for prefix in ("ada", "bob")]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    reported = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    with Gradebook(address) as gradebook:
        assert [grade["id"] for grade in gradebook.latest()] == sorted(chain(*reported))
        assert all(len(one.exercises) == 1 for one in gradebook.newest())
    assert [len(ids) for ids in reported] == [25, 25]


def test_two_gradebooks_see_each_others_grades(
    address: str | Path,
    gradebook: Gradebook,
) -> None:
    with Gradebook(address) as other:
        assert other.latest() == []
        graded(gradebook, "ada")
        assert found(other, "ada") is not None


def test_what_a_digest_was_made_of_is_kept_once(gradebook: Gradebook) -> None:
    assert gradebook.parts("d" * 64) == {}
    for parts in ({"points": "2", "check é": "f"}, {"points": "3"}):
        gradebook.keep_parts("d" * 64, parts)
    assert gradebook.parts("d" * 64) == {"points": "2", "check é": "f"}
