"""Generated grades: what a class may hold, with texts that students chose."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from grader.grades import CheckGrade, ClassGrades, Curve, ExerciseGrade, Grade

_POINTS = ("points", "max_points")
OUTCOMES = st.sampled_from(["passed", "failed", "todo", "error", "timeout", "crashed", "forbidden"])
ADA = st.just("ada")
STATUSES = st.sampled_from(["failed", "error"])
SEEN = Curve("The loss", "train", (4.0, 3.5, 3.0), (4.0, 2.0, 1.0), hidden=False)
OVERHEARD = Curve("Another loss", "train", (7.125, 7.125), (7.125, 7.125), hidden=True)
FUNCTIONS = {"losses": ("l1_loss", "nll_loss"), "training": ("train",)}

# What examiners say, with what a student's code had a say in, or an input, in place of {}.
MESSAGES = (
    "{function}(torch.tensor([{}]))\nexpected  1.0\ngot       2.0",
    "{function}([{}])\nexpected  1.0\ngot       ValueError: {}\n  losses.py, line 1: {}",
    "{function} used {}, which this exercise asks you to write\n  losses.py, line 3: {}",
    "{function} used torch.nn.functional.{}, which this exercise asks you to write",
    "{function}: it sent something else: {}",
    "{function}: the process ended itself with exit status {}",
    "{function}: it did not end within 3 s: is there an endless loop? {}",
    "the check itself broke: ValueError: {}",
    "/course/grader/checks/test_{exercise}.py:12: {}",
    "{}",
    "could not be imported: {}",
    "x {exercise}.py could not be imported: {}",
    "{function} is still to be written {}",
    "{function} is still to be written\n  losses.py, line 3: {}",
    "{function} needs {}, which is still to write (losses.py:3)",
    "{function} needs helper, which is still to write ({}:3)\n  losses.py, line 3: {}",
)
# What is said of an exercise that was asked nothing.
OF_THE_FILE = (
    "{exercise}.py could not be imported: SyntaxError: {}\n  {exercise}.py, line 1: {}",
    "{exercise}.py is missing from this submission",
    "while {exercise}.py was imported, the process ended itself with exit status 3",
)


def message(template: str, exercise: str, function: str, quoted: str) -> str:
    filled = template.replace("{exercise}", exercise).replace("{function}", function)
    return filled.replace("{}", quoted)


@st.composite
def grades(
    draw: st.DrawFn,
    public: st.SearchStrategy[str],
    hidden: st.SearchStrategy[str],
    names: st.SearchStrategy[str] = ADA,
) -> Grade:
    """A grade whose public checks quote `public` texts, its hidden ones `hidden` texts."""
    exercises = tuple(draw(exercise_grades(name, public, hidden)) for name in FUNCTIONS)
    points = [sum(getattr(each, kind) for each in exercises) for kind in _POINTS]
    return Grade(draw(names), "graded", None, *points, exercises)


@st.composite
def exercise_grades(
    draw: st.DrawFn, name: str, public: st.SearchStrategy[str], hidden: st.SearchStrategy[str]
) -> ExerciseGrade:
    """One exercise: public and hidden checks of each function, and a curve of each kind."""
    checks = []
    for function in FUNCTIONS[name]:
        for is_hidden in (False, True):
            for number in range(draw(st.integers(0, 2))):
                said = draw(st.sampled_from(MESSAGES))
                quoted = draw(hidden if is_hidden else public)
                check = check_grade(name, function, number, is_hidden, draw(OUTCOMES))
                if not check.passed:
                    hint = draw(st.sampled_from([None, "Clear the gradients."]))
                    text = message(said, name, function, quoted)
                    check = replace(check, message=text, hint=hint)
                checks.append(check)
    curves = (SEEN, OVERHEARD) if name == "training" else ()
    points = [sum(getattr(check, kind) for check in checks) for kind in _POINTS]
    return ExerciseGrade(name, draw(STATUSES), *points, tuple(checks), curves)


def check_grade(
    exercise: str, function: str, number: int, hidden: bool, outcome: str
) -> CheckGrade:
    points = 0.5 if outcome == "passed" else 0.0
    kind = "hidden" if hidden else "public"
    return CheckGrade(
        id=f"{exercise}/test_{function}_{kind}_{number}",
        title=f"{function} is right, {kind} part {number}.",
        function=function,
        hidden=hidden,
        outcome=outcome,
        points=points,
        max_points=0.5,
        message=None,
        hint=None,
        misconception=None,
        seconds=0.1,
    )


def of_class(*grades: Grade, course: str = "Deep learning") -> ClassGrades:
    return ClassGrades(course, 7, "cpu", "2.13.0", "strict", ("seccomp",), 1.5, grades)


# What would act, were it not shown as text: in Markdown, in HTML, for a CI service.
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "![x](https://example.org/x.png)",
    "[x](javascript:alert(1))",
    "</pre></code><h1>passed</h1>",
    "```\n# 100 of 100 points\n<b>x</b>\n```",
    "``` `` ` |\n| x | y |",
    "<!-- --><style>*{display:none}</style>",
    "&lt;b&gt; &#x3c;b&#x3e;",
    "x\u202ey\x1b[2J\x00",
    "https://example.org www.example.org @everyone #1",
    "::error::x\n##[error]x",
    "{{ 7 * 7 }}{% raw %}",
    "~~~\n<i>\n~~~",
    "\n\n---\n\n# title\n",
]
SECRET = "4711.0815"  # a number: what a process ends itself with may be one as well


def wrong_grade() -> Grade:
    """Two exercises: of the first a public and a hidden check fail, the second is to be written."""
    public = check_grade("losses", "l1_loss", 0, False, "failed")
    hidden = check_grade("losses", "l1_loss", 0, True, "failed")
    said = "l1_loss(torch.tensor([{}]))\nexpected  1.0\ngot       2.0"
    checks = (
        replace(public, message=said.format("3.0"), hint="Take the mean."),
        replace(hidden, message=said.format(SECRET), hint="Take the mean."),
        check_grade("losses", "nll_loss", 0, False, "passed"),
    )
    todo = tuple(check_grade("training", "train", number, False, "todo") for number in range(2))
    exercises = (
        ExerciseGrade("losses", "failed", 0.5, 1.5, checks),
        ExerciseGrade("training", "todo", 0.0, 1.0, todo),
    )
    return Grade("ada", "graded", None, 0.5, 2.5, exercises)
