"""What is put again and what stands, decided without an engine: digests in, ids out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
import torch

from grader.checking.compare import Tolerance
from grader.checking.curves import ReferenceCurve
from grader.checking.expectations import Expectation, Matches, Raises
from grader.checking.question import Question
from grader.course import Limits
from grader.examiner.again import Kept, Plan, marked_again, planned
from grader.examiner.marks import Marks, Spent
from grader.examiner.recording import Recording
from grader.outcome import Check, Result
from grader.sandbox.client import Purse
from grader.screen import Screen

NOTHING = Spent()
LIMITS = Limits(function_seconds=4.0, exercise_seconds=20.0)
NAMES = ("f_a", "f_b", "g_a", "g_b")


def check(name: str) -> Check:
    return Check(f"x/{name}", "x", name[0], f"{name}, now", 2.0, False)


def recordings(**asked: str) -> list[Recording]:
    """Of four checks of two functions; what each asks is its name unless it is said."""
    return [Recording(check(name), asked=asked.get(name, name)) for name in NAMES]


def kept(
    curves: Collection[Any] = (), drew: Collection[str] = (), spent: Spent = NOTHING, **ended: str
) -> Kept:
    """What is known from before: passed, unless it is said."""
    results = {
        f"x/{name}": {
            "asked": name,
            "outcome": ended.get(name, "passed"),
            "message": None,
            "hint": None,
            "misconception": None,
            "seconds": 1.0,
            "answered": 3,
        }
        for name in NAMES
        if ended.get(name) != "unknown"
    }
    slow = sorted({name[0] for name, outcome in ended.items() if outcome == "timeout"})
    spent_now = {"seconds": spent.seconds, "bytes": spent.bytes, "functions": spent.functions}
    return Kept.read(
        {"results": results, "curves": curves, "drew": drew, "slow": slow, "spent": spent_now}
    )


def plan(alone: Collection[str] = (), whole: Collection[str] = ()) -> Plan:
    return Plan(frozenset(f"x/{name}" for name in alone), frozenset(whole))


def test_a_check_that_asks_the_same_stands():
    assert planned(kept(), recordings()) == plan()
    assert planned(kept(f_a="failed", g_b="timeout"), recordings()) == plan()


def test_a_check_that_asks_something_else_is_put_alone_where_its_function_has_no_fault():
    assert planned(kept(), recordings(f_b="more")) == plan(["f_b"])
    assert planned(kept(f_a="todo", g_a="failed"), recordings(f_b="more")) == plan(["f_b"])
    assert planned(kept(f_b="unknown"), recordings()) == plan(["f_b"])
    assert planned(kept(f_b="failed"), recordings(f_b="more")) == plan(["f_b"])


def test_a_function_with_a_fault_is_put_as_a_whole():
    assert planned(kept(f_a="failed"), recordings(f_b="more")) == plan(whole="f")
    assert planned(kept(f_a="crashed"), recordings(f_b="more", g_b="more")) == plan(["g_b"], "f")
    assert planned(kept(), recordings(f_a="1", f_b="2")) == plan(whole="f")


def test_a_check_of_which_nothing_was_recorded_never_stands():
    assert planned(kept(), recordings(f_b="")) == plan(["f_b"])


class Sandboxes:
    """Notes what is put, and answers as it is told: passed, unless it is said."""

    def __init__(self, spent: Spent = NOTHING, unloadable: bool = False, **ended: str) -> None:
        self.put: list[tuple[set[str], bool]] = []
        self._spent, self._unloadable, self._ended = spent, unloadable, ended

    def __call__(self, put: set[str], alone: bool = False) -> Marks:
        names = [name for name in NAMES if f"x/{name}" in put]
        self.put.append((set(names), alone))
        results = [
            Result(check(name), self._ended.get(name, "passed"), "new", 9.0) for name in names
        ]
        ids = frozenset(result.check.id for result in results)
        curves = [{"function": name[0], "got": [9.0], "expected": [1.0], "hidden": False}
                  for name in names if name == "f_a"]  # fmt: skip
        return Marks(results, dict.fromkeys(ids, 7), curves, self._spent, self._unloadable, ids)


def outcomes(marks: Marks) -> dict[str, tuple[str, str | None]]:
    return {one.check.id[2:]: (one.outcome, one.message) for one in marks.results}


def test_what_is_put_takes_the_place_of_what_was_known_and_the_rest_stands():
    sandboxes = Sandboxes()
    marks = marked_again(kept(g_a="failed"), recordings(f_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [({"f_b"}, True)] and marks.put == {"x/f_b"}
    old, new = ("passed", None), ("passed", "new")
    assert outcomes(marks) == {"f_a": old, "f_b": new, "g_a": ("failed", None), "g_b": old}
    assert marks.answered == {"x/f_a": 3, "x/f_b": 7, "x/g_a": 3, "x/g_b": 3}
    assert {one.check.title for one in marks.results} == {f"{name}, now" for name in NAMES}


def test_one_that_fails_alone_has_its_function_put_as_a_whole():
    sandboxes = Sandboxes(f_b="failed")
    marks = marked_again(kept(), recordings(f_b="more", g_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [({"f_b", "g_b"}, True), ({"f_a", "f_b"}, False)]
    assert outcomes(marks)["f_a"] == ("passed", "new") and marks.put == {"x/f_a", "x/f_b", "x/g_b"}
    sandboxes = Sandboxes(f_b="todo")
    marked_again(kept(), recordings(f_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [({"f_b"}, True)]


def test_where_nothing_asks_otherwise_no_sandbox_is_begun():
    sandboxes = Sandboxes()
    assert marked_again(kept(f_a="error"), recordings(), LIMITS, sandboxes).put == frozenset()
    assert sandboxes.put == []


@pytest.mark.parametrize(
    ("before", "now", "put"),
    [
        (Spent(functions={"f": 1.0}), Spent(functions={"f": 0.9}), [{"f_b"}]),
        (Spent(functions={"f": 1.0}), Spent(functions={"f": 1.1}), [{"f_b"}, {"f_a", "f_b"}]),
        (Spent(functions={"g": 3.9}), Spent(functions={"f": 0.1}), [{"f_b"}]),
        (Spent(seconds=5.0), Spent(seconds=4.9), [{"f_b"}]),
        (Spent(seconds=5.0), Spent(seconds=5.1), [{"f_b"}, set(NAMES)]),
        (Spent(bytes=Purse().spare // 2), Spent(bytes=1), [{"f_b"}, set(NAMES)]),
    ],
)
def test_who_comes_near_a_limit_that_checks_share_is_asked_by_all_of_them(before, now, put):
    sandboxes = Sandboxes(now)
    marks = marked_again(kept(spent=before), recordings(f_b="more"), LIMITS, sandboxes)
    assert [names for names, _ in sandboxes.put] == put
    assert len(marks.put) == len(put[-1])


def test_who_runs_into_the_limit_of_time_is_asked_by_all_of_them():
    sandboxes = Sandboxes(f_b="timeout")
    marked_again(kept(), recordings(f_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [({"f_b"}, True), (set(NAMES), False)]
    sandboxes = Sandboxes(f_a="timeout")
    marked_again(kept(f_a="failed"), recordings(f_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [({"f_a", "f_b"}, False), (set(NAMES), False)]
    sandboxes = Sandboxes()
    marked_again(kept(f_a="timeout"), recordings(f_b="more", g_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [(set(NAMES), False)]
    sandboxes = Sandboxes()
    marked_again(kept(f_a="timeout"), recordings(g_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [({"g_b"}, True)]


def test_what_was_spent_adds_up_over_one_change_after_another():
    before = Spent(3.0, 10, {"f": 1.0, "g": 0.5})
    sandboxes = Sandboxes(Spent(1.0, 5, {"f": 0.5}))
    marks = marked_again(kept(spent=before), recordings(f_b="more"), LIMITS, sandboxes)
    assert marks.spent == Spent(4.0, 15, {"f": 1.5, "g": 0.5})
    sandboxes = Sandboxes(Spent(1.0, 5, {"f": 0.5}), f_b="failed")
    marks = marked_again(kept(spent=before), recordings(f_b="more"), LIMITS, sandboxes)
    assert marks.spent == Spent(5.0, 20, {"f": 0.5, "g": 0.5})  # f by itself is as it was measured


def test_a_module_that_cannot_be_imported_any_more_is_examined_as_a_whole():
    sandboxes = Sandboxes(unloadable=True)
    marks = marked_again(kept(), recordings(f_b="more"), LIMITS, sandboxes)
    assert sandboxes.put == [({"f_b"}, True), (set(NAMES), False)] and marks.unloadable


# curves


def reference(*numbers: float) -> ReferenceCurve:
    return ReferenceCurve(Question("x", "f", "learn", (), {}), "Loss", numbers, 1)


def of_f(expected: list[float], hidden: bool = False) -> list[dict[str, Any]]:
    return [{"function": "f", "got": [5.0], "expected": expected, "hidden": hidden}]


def test_a_curve_stands_with_its_check():
    asked = recordings(g_b="more")
    asked[0].curve = reference(1.0)
    marks = marked_again(kept(of_f([1.0]), ["x/f_a"]), asked, LIMITS, Sandboxes())
    assert list(marks.curves) == of_f([1.0])


@pytest.mark.parametrize(
    ("curves", "drew"), [(of_f([2.0]), ["x/f_a"]), (of_f([1.0]), ["x/f_b"]), ([], [])]
)
def test_a_check_is_put_again_where_its_curve_is_another(curves, drew):
    asked = recordings()
    asked[0].curve = reference(1.0)
    sandboxes = Sandboxes()
    marks = marked_again(kept(curves, drew), asked, LIMITS, sandboxes)
    assert sandboxes.put == [({"f_a"}, True)]
    assert [curve["got"] for curve in marks.curves] == [[9.0]]


def test_a_curve_that_was_hidden_stays_so():
    asked = recordings(f_a="more")
    asked[0].curve = reference(1.0)
    marks = marked_again(kept(of_f([1.0], hidden=True), ["x/f_a"]), asked, LIMITS, Sandboxes())
    assert [curve["hidden"] for curve in marks.curves] == [True]


# what a check asks, as a digest


def digest(
    *pairs: tuple[float, Expectation], hidden: bool = False, drawn: Collection[int] = ()
) -> str:
    recording = Recording(Check("x/f_a", "x", "f", "title", 2.0, hidden))
    for place, (number, expectation) in enumerate(pairs):
        question = Question("x", "f", "call", (torch.tensor(number),), {})
        recording.add(question, expectation, {}, "cpu", drawn=place in drawn)
    recording.seal()
    return recording.asked


def right(value: float, factor: float = 1.0) -> Matches:
    return Matches({"value": torch.tensor(value)}, Tolerance(factor=factor))


def test_a_digest_tells_apart_all_that_decides_who_passes():
    pairs = (1.0, right(2.0)), (2.0, right(4.0))
    digests = [
        digest(*pairs),
        digest(*pairs[:1]),
        digest(*pairs[::-1]),
        digest((1.0, right(2.0)), (2.0, right(5.0))),
        digest((1.0, right(2.0)), (3.0, right(4.0))),
        digest((1.0, right(2.0)), (2.0, right(4.0, factor=2.0))),
        digest((1.0, right(2.0)), (2.0, Raises(("ValueError",)))),
        digest((1.0, right(2.0)), (2.0, Raises(("ValueError",), ("shape",)))),
        digest(*pairs, hidden=True),
        digest(*pairs, drawn=[0]),
        digest(*pairs, drawn=[1]),
    ]
    assert len(set(digests)) == len(digests)
    assert digest(*pairs) == digest(*pairs) == digests[0]


# what is shown of it


def test_a_line_says_how_many_checks_were_put_again(capsys):
    screen = Screen()
    screen.began(5)
    grade = {"id": "ada", "status": "graded", "points": 95.0, "max_points": 100.0, "exercises": []}
    for again in (None, 0, 1, 12):
        screen.graded(grade, reused=False, again=again)
    screen.graded(grade, reused=True)
    assert capsys.readouterr().out.splitlines() == [
        "[1/5] ada: 95/100",
        "[2/5] ada: 95/100 (no checks again)",
        "[3/5] ada: 95/100 (1 check again)",
        "[4/5] ada: 95/100 (12 checks again)",
        "[5/5] ada: 95/100 (graded before)",
    ]
