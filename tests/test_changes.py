"""What moved between two gradings, and why: on grades made by hand, and drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from moving import FEW, check, exercise, graded, rejected, sides

from grader.changes import words
from grader.changes.comparison import compare
from grader.changes.records import Changes, Graded, SubmissionChange
from grader.changes.summary import summarise

PASSED = exercise(check("losses/test_l1_sum"), check("losses/test_mse_sum", worth=2.0))
FAILED = exercise(
    check("losses/test_l1_sum", "failed", misconception="l1_mean"),
    check("losses/test_mse_sum", worth=2.0),
)


def one(before: Graded, after: Graded) -> SubmissionChange:
    (change,) = compare([before], [after]).submissions
    return change


def why(before: Graded, after: Graded) -> str:
    (moved,) = one(before, after).exercises
    return words.why(moved)


# what moved


def test_a_check_that_fails_now_is_named_with_its_points_and_the_mistake():
    change = one(graded("ada", PASSED), graded("ada", FAILED, checks="c2"))
    assert (change.kind, change.points) == ("down", -1.0)
    ((moved,),) = [exercise.checks for exercise in change.exercises]
    assert moved.either.id == "losses/test_l1_sum"
    assert (words.ended(moved), moved.points) == ("passed → failed", -1.0)
    assert words.mistake(moved) == "explained now by the known mistake l1_mean"


def test_another_mistake_behind_the_same_failure_is_told_without_points():
    other = exercise(
        check("losses/test_l1_sum", "failed", misconception="l1_squared"), PASSED.checks[1]
    )
    change = one(graded("ada", FAILED), graded("ada", other, submission="w2"))
    ((moved,),) = [exercise.checks for exercise in change.exercises]
    assert change.kind == "changed" and moved.points == 0
    assert words.mistake(moved) == "explained by the known mistake l1_squared, before by l1_mean"


def test_a_check_in_other_words_does_not_move_a_grade_but_is_counted():
    reworded = exercise(
        check("losses/test_l1_sum", "failed", misconception="l1_mean", message="other numbers"),
        PASSED.checks[1],
    )
    changes = compare([graded("ada", FAILED)], [graded("ada", reworded)])
    assert changes.moved == [] and summarise(changes).reworded == 1


def test_checks_that_are_new_gone_or_worth_more_are_told_apart():
    before = exercise(check("losses/test_l1_sum"), check("losses/test_l1_mean"))
    after = exercise(check("losses/test_l1_sum", worth=1.5), check("losses/test_l1_none", worth=1))
    (moved,) = one(graded("ada", before), graded("ada", after)).exercises
    assert [words.ended(each) for each in moved.checks] == [
        "passed",
        "new: passed",
        "passed → gone",
    ]
    assert [each.reweighted for each in moved.checks] == [True, False, False]
    assert moved.points == sum(each.points for each in moved.checks) == 0.5


def test_who_is_new_gone_rejected_or_accepted_is_told_as_such():
    before = [graded("ada", PASSED), graded("bela", PASSED), rejected("chidi", "empty")]
    after = [rejected("bela", "too large"), graded("chidi", PASSED), graded("dana", PASSED)]
    kinds = {each.id: each.kind for each in compare(before, after).submissions}
    assert kinds == {
        "ada": "disappeared",
        "bela": "rejected",
        "chidi": "accepted",
        "dana": "appeared",
    }


def test_another_reason_to_be_rejected_is_a_change():
    assert one(rejected("ada", "empty"), rejected("ada", "empty")).kind == "unchanged"
    change = one(rejected("ada", "empty"), rejected("ada", "too large"))
    assert change.kind == "changed"
    assert words.rejections(change) == ["rejected before: empty", "rejected now: too large"]


def test_an_exercise_that_was_left_out_moves_no_points():
    data = exercise(check("data/test_load_all"), name="data")
    change = one(graded("ada", PASSED, data), graded("ada", FAILED, checks="c2"))
    assert (change.kind, change.points) == ("down", -1.0)
    assert [(each.name, words.why(each)) for each in change.exercises] == [
        ("losses", "the checks, solution or known mistakes of losses changed"),
        ("data", "not graded now"),
    ]


def test_points_that_belong_to_no_check_are_noticed():
    edited = exercise(*PASSED.checks)
    object.__setattr__(edited, "points", 2.5)
    (moved,) = one(graded("ada", PASSED), graded("ada", edited)).exercises
    assert moved.unaccounted == -0.5


def test_two_grades_of_one_submission_are_refused():
    with pytest.raises(ValueError, match="two grades of 'ada'"):
        compare([graded("ada", PASSED), graded("ada", FAILED)], [])


# why


def test_each_condition_that_changed_is_named_with_what_it_was_and_is():
    before = graded("ada", PASSED)
    for changed, said in (
        ({"submission": "w2"}, "the submission changed"),
        ({"engine": "e2"}, "the grader changed"),
        ({"torch": "2.14.0"}, "torch (2.13.0 → 2.14.0) changed"),
        ({"seed": "8"}, "the seed (7 → 8) changed"),
        ({"device": "cuda"}, "the device (cpu → cuda) changed"),
        ({"sandbox": "off"}, "the level of the sandbox (strict → off) changed"),
        ({"data": "/images"}, "the folder with the images changed"),
    ):
        assert why(before, graded("ada", FAILED, **changed)) == said
    both = graded("ada", FAILED, submission="w2", seed="8")
    assert why(before, both) == "the submission changed; the seed (7 → 8) changed"


def test_the_check_that_was_edited_is_told_from_those_that_were_not():
    parts = {
        "check losses/test_l1_sum": "1",
        "check losses/test_mse_sum": "1",
        "file grader/checks/test_losses.py": "1",
    }
    edited = parts | {"check losses/test_l1_sum": "2", "file grader/checks/test_losses.py": "2"}
    both_fail = exercise(*(check(each.id, "failed") for each in PASSED.checks))
    before = graded("ada", PASSED, parts=parts)
    (moved,) = one(before, graded("ada", both_fail, checks="c2", parts=edited)).exercises
    assert words.why(moved) == "the checks of losses changed"
    ((cause),) = moved.causes
    assert [words.part(part) for part in cause.parts] == ["check test_l1_sum changed"]
    assert [each.text_changed for each in moved.checks] == [True, False]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("solution losses/l1", "the solution of losses changed"),
        ("file solutions/layers.py", "the solution of losses changed"),
        ("file grader/misconceptions/losses/nll.py", "the known mistakes of losses changed"),
        ("setting limits.cpu_seconds", "the settings of losses changed"),
        (
            "file grader/checks/shapes.py",
            "the file grader/checks/shapes.py changed",
        ),
    ],
)
def test_what_the_course_says_besides_checks_is_named(part, said):
    before = graded("ada", PASSED, parts={part: "1"})
    after = graded("ada", FAILED, checks="c2", parts={part: "2"})
    assert why(before, after) == said


def test_a_file_is_named_where_none_of_its_checks_differs():
    file = "file grader/checks/test_losses.py"
    before = graded("ada", PASSED, parts={file: "1", "check losses/test_l1_sum": "1"})
    after = graded("ada", FAILED, checks="c2", parts={file: "2", "check losses/test_l1_sum": "1"})
    (moved,) = one(before, after).exercises
    assert words.why(moved) == "the file grader/checks/test_losses.py changed"
    assert [each.text_changed for each in moved.checks] == [False]


def test_a_grade_that_moved_by_itself_is_called_a_defect():
    changes = compare([graded("ada", PASSED)], [graded("ada", FAILED)])
    (moved,) = changes.submissions[0].exercises
    assert words.why(moved).startswith("nothing changed:")
    assert "a defect of the grader" in words.why(moved)
    assert summarise(changes).unexplained == 1


def test_a_grade_that_moved_by_itself_into_a_timeout_may_be_the_machines():
    timeout = exercise(check("losses/test_l1_sum", "timeout"), PASSED.checks[1])
    assert "a busy machine" in why(graded("ada", PASSED), graded("ada", timeout))


def test_what_is_not_recorded_is_no_reason_and_is_said_not_to_be_known():
    bare = ("submission", "checks", "engine", "data")
    said = why(graded("ada", PASSED, without=bare), graded("ada", FAILED, submission="w2"))
    assert said == (
        "nothing known changed; whether these did is not recorded: the submission, what the "
        "course asks in losses, the grader, the folder with the images"
    )


def test_a_gradebook_of_the_first_format_knows_less():
    old = ("checks", "engine", "torch", "data")
    before = graded("ada", PASSED, without=old, course="o1")
    both = why(before, graded("ada", FAILED, without=old, course="o2"))
    assert both == "the course, the grader or torch changed"
    mixed = why(before, graded("ada", FAILED))
    assert mixed.startswith("nothing known changed") and "torch" in mixed


# in all


def test_the_summary_counts_students_points_and_checks():
    before = [graded(id, PASSED) for id in "abc"] + [graded("d", FAILED), graded("e", PASSED)]
    after = [graded(id, FAILED, checks="c2") for id in "abc"]
    after += [graded("d", PASSED, checks="c2"), graded("e", PASSED, checks="c2")]
    summary = summarise(compare(before, after))
    assert (summary.kinds["down"], summary.kinds["up"], summary.kinds["unchanged"]) == (3, 1, 1)
    assert (summary.points_up, summary.points_down, summary.compared) == (1.0, -3.0, 5)
    (moved,) = summary.checks
    assert (moved.id, moved.lost, moved.gained, moved.points) == ("losses/test_l1_sum", 3, 1, -2)
    (around,) = summary.around
    assert (around.exercises, around.submissions) == (("losses",), 5)


def test_a_changed_check_that_moved_nobody_is_still_told():
    parts = {"check losses/test_l1_sum": "1"}
    before = [graded("ada", PASSED, parts=parts)]
    after = [graded("ada", PASSED, checks="c2", parts={"check losses/test_l1_sum": "2"})]
    changes = compare(before, after)
    assert changes.moved == []
    assert [words.around(one) for one in summarise(changes).around] == [
        ("losses:", ["check test_l1_sum changed"])
    ]


# properties


@FEW
@given(sides())
def test_nothing_moves_between_a_class_and_itself(side):
    changes = compare(side, side)
    assert changes.moved == [] and list(changes.checks) == []
    summary = summarise(changes)
    assert summary.kinds["unchanged"] == len(side) and summary.around == ()


@FEW
@given(sides(), sides())
def test_the_other_way_round_everything_is_swapped(left, right):
    there, back = compare(left, right), compare(right, left)
    swapped = {"up": "down", "appeared": "disappeared", "rejected": "accepted"}
    swapped |= {after: before for before, after in swapped.items()}
    for one_way, other_way in zip(there.submissions, back.submissions, strict=True):
        assert other_way.kind == swapped.get(one_way.kind, one_way.kind)
        assert other_way.points == -one_way.points
        assert _moves(other_way) == {
            (id, after, before, -points) for id, before, after, points in _moves(one_way)
        }
        assert _causes(other_way) == {
            (name, condition, after, before) for name, condition, before, after in _causes(one_way)
        }


def _moves(change: SubmissionChange) -> set[tuple[object, ...]]:
    return {
        (each.either.id, words.outcome(each.before), words.outcome(each.after), each.points)
        for exercise in change.exercises
        for each in exercise.checks
    }


def _causes(change: SubmissionChange) -> set[tuple[str, ...]]:
    return {
        (name, cause.condition, cause.before, cause.after)
        for name, causes in change.changed_under.items()
        for cause in causes
    }


@FEW
@given(sides(), sides())
def test_every_point_that_moved_is_a_checks_and_adds_up(left, right):
    changes = compare(left, right)
    for change in changes.submissions:
        for moved in change.exercises:
            assert moved.unaccounted == 0
            groups, single = words.told(moved)
            told = sum(group.points for group in groups) + sum(each.points for each in single)
            assert told == moved.points
    summary = summarise(changes)
    assert sum(check.points for check in summary.checks) == _between_exercises(changes)
    assert summary.points_up + summary.points_down == _between_exercises(changes)
    assert sum(summary.kinds.values()) == len({each.grade.id for each in [*left, *right]})


def _between_exercises(changes: Changes) -> float:
    """From the grades alone: the difference in what was graded on both sides."""
    total = 0.0
    for change in changes.submissions:
        if change.before is not None and change.after is not None:
            before = {exercise.name: exercise.points for exercise in change.before.exercises}
            for exercise in change.after.exercises:
                if exercise.name in before:
                    total += exercise.points - before[exercise.name]
    return total


@FEW
@given(sides(), sides())
def test_what_moved_is_told_once_for_those_who_are_alike(left, right):
    moved = compare(left, right).moved
    groups = words.alike(moved)
    assert sorted(change.id for group in groups for change in group) == [c.id for c in moved]
    for group in groups:
        assert len({change.points for change in group}) == 1
        assert len({str(words.reasons(change)) for change in group}) == 1
