"""Classes of grades for the tests of exports: made by hand, and generated with hostile names."""

from __future__ import annotations

from hypothesis import strategies as st

from grader import untrusted
from grader.grades import CheckGrade, ClassGrades, ExerciseGrade, Grade

OUTCOMES = ("passed", "failed", "todo", "error", "timeout", "crashed", "forbidden")
NAMES = [
    "ada",
    "=cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "'=1+1",
    "::error::gotcha",
    "##[error]gotcha",
    'a,b;c\t"d"',
    "O'Brien, Miles",
    "李 小龍",
    "محمد بن موسى",
    "Işıl İnci",
    "Zoë 👩‍🔬",
    "a\nb\r\nc",
    "\x1b[2J\x00",
    "<script>alert(1)</script>",
    "| `x` | [y](http://z) ![p](q) @someone #1",
    "Points Possible",
    "-",
    "0",
    "\u202eevil",
    "]]>&amp;",
]
texts = st.sampled_from(NAMES) | st.text(max_size=40)
# As they come from submissions: printable and distinct.
ids = st.lists(texts.filter(bool).map(untrusted.name), min_size=1, max_size=6, unique=True).map(
    sorted
)


@st.composite
def checks(draw: st.DrawFn, exercise: str, number: int) -> CheckGrade:
    outcome = draw(st.sampled_from(OUTCOMES))
    worth = draw(st.sampled_from([0.25, 0.5, 1.0, 2.0, 0.1, 3.3]))
    passed = outcome == "passed"
    return CheckGrade(
        id=f"{exercise}/test_{number}",
        title=draw(st.sampled_from(["It agrees with torch.", "|a| and `b` <c>"])),
        function=draw(st.sampled_from(["l1_loss", "SGD"])),
        hidden=draw(st.booleans()),
        outcome=outcome,
        points=worth if passed else 0.0,
        max_points=worth,
        message=None if passed else draw(st.none() | texts),
        hint=None if passed else draw(st.none() | st.just("Take the mean.")),
        misconception=None,
        seconds=draw(st.sampled_from([0.0, 0.125, 2.5])),
    )


@st.composite
def exercises(draw: st.DrawFn, name: str, count: int) -> ExerciseGrade:
    made = tuple(draw(checks(name, number)) for number in range(count))
    points, most = sum(c.points for c in made), sum(c.max_points for c in made)
    status = "passed" if points == most else draw(st.sampled_from(["failed", "todo", "error"]))
    return ExerciseGrade(name, status, points, most, made)


@st.composite
def grades(draw: st.DrawFn, submission: str) -> Grade:
    if draw(st.integers(0, 5)) == 5:
        return Grade(submission, "rejected", draw(texts), 0.0, 0.0, ())
    made = (draw(exercises("losses", 3)), draw(exercises("optimizers", 2)))
    points, most = sum(e.points for e in made), sum(e.max_points for e in made)
    return Grade(submission, "graded", None, points, most, made)


@st.composite
def classes(draw: st.DrawFn) -> ClassGrades:
    """A class of one to six; maxima may differ, as after a run with --only."""
    return a_class(*(draw(grades(each)) for each in draw(ids)))


def a_class(*members: Grade) -> ClassGrades:
    return ClassGrades("A course", 7, "cpu", "2.13.0", "strict", ("uid",), 1.5, members)


def graded(submission: str, points: float, most: float = 100.0) -> Grade:
    """A grade with one exercise of one hidden check, which earned so much of it."""
    check = CheckGrade(
        id="losses/test_l1_loss",
        title="It agrees with torch.",
        function="l1_loss",
        hidden=True,
        outcome="passed" if points == most else "failed",
        points=points,
        max_points=most,
        message=None if points == most else "SECRET counterexample",
        hint=None,
        misconception=None,
        seconds=0.5,
    )
    status = "passed" if points == most else "failed"
    exercise = ExerciseGrade("losses", status, points, most, (check,))
    return Grade(submission, "graded", None, points, most, (exercise,))


def rejected(submission: str) -> Grade:
    return Grade(submission, "rejected", "holds no exercise", 0.0, 0.0, ())
