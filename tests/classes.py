"""Classes of any size, with grades as plausible as those of real ones; no engine is needed.

The course's own exercises, functions, checks, titles and points; a student of some diligence and
skill; known mistakes of the course with their hints. The same size and seed give the same class.
"""

from __future__ import annotations

import ast
import math
import random
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from grader.course import Exercise, load_course
from grader.grades import CheckGrade, ClassGrades, Curve, ExerciseGrade, Grade

ROOT = Path(__file__).parent.parent
LAYERS = ("rlimits", "capabilities", "uid", "no-new-privileges", "landlock", "seccomp")
_NAMES = (
    "ada bela chidi dana emil farah goran hana ines jonas kaya lars mira nils olga pavel quinn "
    "rosa sven tariq uma vera wen xenia yusuf zoë aarav björk chloé dmitri"
).split()
_FAMILIES = (
    "abe brandt castro diaz eriksson fischer gupta haddad ito jansen kovač lindqvist moreau nguyen "
    "okafor petrov qureshi rossi silva tanaka ueda virtanen weber xu yılmaz zhang"
).split()
_MISTAKES = 4  # known ones of each function that are made at all
_WRONG = """{function}(torch.tensor([{first}, 2.0, 3.0]), torch.tensor([1.0, 2.0, 5.0]))
expected  torch.tensor({expected})
got       torch.tensor({got})"""


@dataclass(frozen=True)
class CourseCheck:
    """A check as its file has it."""

    id: str
    title: str
    function: str
    hidden: bool
    points: float


@cache
def course_checks() -> dict[str, list[CourseCheck]]:
    """The checks of each exercise as their files have them, public ones first; none is run."""
    course = load_course(ROOT)
    found = {}
    for exercise in course.graded().exercises:
        public = _checks_in(course.stubs / f"test_{exercise.name}.py", exercise, False)
        hidden = _checks_in(course.hidden_checks / f"test_{exercise.name}.py", exercise, True)
        checks = public + hidden
        # What a file gives to checks that it makes by a function is not read: its last has it.
        missing = exercise.points - sum(check.points for check in checks)
        checks[-1] = replace(checks[-1], points=checks[-1].points + missing)
        found[exercise.name] = checks
    return found


@cache
def known_mistakes() -> dict[str, list[tuple[str, str]]]:
    """Names and hints of the course's known mistakes by function, as their files have them."""
    files = load_course(ROOT).misconception_files()
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    texts = {}
    for node in (node for tree in trees for node in tree.body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts[node.targets[0].id] = node.value
    found: dict[str, list[tuple[str, str]]] = {}
    for node in (node for tree in trees for node in tree.body):
        for call in getattr(node, "decorator_list", ()):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "misconception":
                given = {word.arg: word.value for word in call.keywords}
                hint = given["hint"]
                hint = texts.get(hint.id, hint) if isinstance(hint, ast.Name) else hint
                if isinstance(hint, ast.Constant) and isinstance(given["of"], ast.Constant):
                    known = found.setdefault(str(given["of"].value), [])
                    known.append((node.name, str(hint.value)))
    return found


def a_class(size: int, seed: int = 0) -> ClassGrades:
    """`size` students: most have most, some have little, a few nothing; one in 40 is rejected."""
    chance = random.Random(f"{size} {seed}")
    grades = [
        _student(f"{_name(number)}", random.Random(f"{seed} {number}"), number)
        for number in range(size)
    ]
    ordered = tuple(sorted(grades, key=lambda grade: grade.id))
    seconds = round(3 * size * (0.9 + 0.2 * chance.random()), 3)
    title = load_course(ROOT).title
    return ClassGrades(title, 7, "cpu", "2.13.0", "strict", LAYERS, seconds, ordered)


def _name(number: int) -> str:
    first, family = _NAMES[number % len(_NAMES)], _FAMILIES[number // len(_NAMES) % len(_FAMILIES)]
    again = number // (len(_NAMES) * len(_FAMILIES))
    return f"{first}-{family}" + (f"-{again + 1}" if again else "")


def _student(name: str, chance: random.Random, number: int) -> Grade:
    if number % 40 == 17:
        reason = "solutions.zip: it holds 12,004 files; a submission may have 1,000"
        return Grade(name, "rejected", reason, 0.0, 0.0, ())
    skill = min(0.997, chance.betavariate(6, 1.1))
    # One in nine gives up somewhere; what comes after is not written.
    reached = chance.randrange(9) if chance.random() < 0.11 else 9
    exercises = tuple(
        _exercise(name, checks, skill - 0.01 * place, place < reached, chance)
        for place, (name, checks) in enumerate(course_checks().items())
    )
    return Grade(
        name,
        "graded",
        None,
        sum(each.points for each in exercises),
        sum(each.max_points for each in exercises),
        exercises,
    )


def _exercise(
    name: str, asked: list[CourseCheck], skill: float, written: bool, chance: random.Random
) -> ExerciseGrade:
    whole = "error" if chance.random() < 0.006 else "crashed" if chance.random() < 0.003 else None
    functions = list(dict.fromkeys(check.function for check in asked))
    checks: list[CheckGrade] = []
    for place, function in enumerate(functions):
        own = [check for check in asked if check.function == function]
        hard = 0.72 + 0.38 * math.sin(len(function) * 1.7 + place) ** 2
        state = "passed"
        if not written:
            state = "todo"
        elif whole:
            state = whole
        elif chance.random() > skill ** (0.55 * hard):
            state = chance.choice(("failed",) * 40 + ("todo", "timeout", "forbidden", "error"))
        checks += _function(function, own, state, chance)
    earned = sum(check.points for check in checks)
    most = sum(check.max_points for check in checks)
    outcomes = {check.outcome for check in checks}
    status = "error" if whole and written else "todo" if outcomes == {"todo"} else "failed"
    curves = _curves(functions, checks, chance) if written and not whole else ()
    return ExerciseGrade(
        name, "passed" if earned == most else status, earned, most, tuple(checks), curves
    )


def _function(
    function: str, own: list[CourseCheck], state: str, chance: random.Random
) -> list[CheckGrade]:
    common = known_mistakes().get(function, [])[:_MISTAKES]
    name, hint = chance.choices(common, [8, 4, 2, 1][: len(common)])[0] if common else ("", "")
    known = bool(common) and state == "failed" and chance.random() < 0.8
    spared = chance.random() * 0.7 if state in ("failed", "error") and len(own) > 1 else 0.0
    checks = []
    for check in own:
        outcome = "passed" if state == "passed" or chance.random() < spared else state
        wrong = outcome == "failed"
        checks.append(
            CheckGrade(
                check.id,
                check.title,
                function,
                check.hidden,
                outcome,
                check.points if outcome == "passed" else 0.0,
                check.points,
                _message(function, outcome, chance),
                hint if known and wrong else None,
                name if known and wrong else None,
                3.0 if outcome == "timeout" else round(0.02 * chance.random(), 6),
            )
        )
    return checks


def _message(function: str, outcome: str, chance: random.Random) -> str | None:
    numbers = [round(chance.uniform(-9, 9), 4) for _ in range(3)]
    return {
        "passed": None,
        "todo": f"{function} is still to be written",
        "timeout": f"{function} took longer than 3 seconds",
        "forbidden": f"{function} used mse_loss: write it yourself",
        "crashed": "the process ended by itself: os._exit or sys.exit is not for a submission",
        "error": f"{function} raised NameError: name 'torhc' is not defined",
    }.get(
        outcome,
        _WRONG.format(function=function, first=numbers[0], expected=numbers[1], got=numbers[2]),
    )


def _curves(
    functions: list[str], checks: list[CheckGrade], chance: random.Random
) -> tuple[Curve, ...]:
    curves = []
    for function in functions:
        if function not in ("fit", "train"):
            continue
        right = all(check.passed for check in checks if check.function == function)
        expected = tuple(float(f"{2.3 * 0.82**step + 0.05:.6g}") for step in range(20))
        pace = chance.choice((0.97, 1.04, 0.9))
        got = tuple(float(f"{2.3 * pace**step + 0.05 * (step % 2):.6g}") for step in range(20))
        curves.append(
            Curve("The loss in each epoch", function, expected if right else got, expected)
        )
    return tuple(curves)


def _checks_in(file: Path, exercise: Exercise, hidden: bool) -> list[CourseCheck]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            name, worth = node.name, _points(node)
            title = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            # test_adam_ten_steps = ten_steps("Adam")
            name, worth, title = node.targets[0].id, 0.25, ""
        else:
            continue
        if name.startswith("test_"):
            function = exercise.function_of(name) or exercise.functions[0]
            words = name.removeprefix("test_").replace("_", " ")
            title = title or f"{words[0].upper()}{words[1:]}."
            found.append(CourseCheck(f"{exercise.name}/{name}", title, function, hidden, worth))
    return found


def _points(node: ast.FunctionDef) -> float:
    for call in node.decorator_list:
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "points":
            assert isinstance(call.args[0], ast.Constant)
            return float(str(call.args[0].value))
    return 0.0


# What a submission may be called, and say, where somebody wants to be seen as something else.
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "</style></title><script>alert(2)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "مرحبا\u202eevil\u200b",
    "🧪 لا 中文 ﷽",
    "a\nb\r\n\tc\x1b[2J",
    "../../etc/passwd",
    "javascript:alert(1)",
    "x" * 255,
    "é" + "\u0301" * 40,
    "\udcff surrogate",
)
_HOSTILE_MESSAGE = (
    "<img src=x onerror=alert(1)></pre><script>alert(3)</script>\nexpected  1\n"
    "got       '\u202e\x1b[31m\\n<b>' & &lt;\n  | ::error::x"
)


def hostile_class() -> ClassGrades:
    """A class whose every text is an attempt on whoever reads it; it has two exercises."""
    ordinary = a_class(20)
    graded = [grade for grade in ordinary.grades if grade.graded]
    grades = [
        Grade(
            id,
            "graded",
            None,
            grade.points,
            grade.max_points,
            tuple(map(_hostile_exercise, (grade.exercises[0], grade.exercises[-1]))),
        )
        for id, grade in zip(HOSTILE, graded, strict=False)
    ]
    grades.append(Grade("</td>rejected", "rejected", _HOSTILE_MESSAGE, 0.0, 0.0, ()))
    return replace(ordinary, course="<b>course</b> & \u202e", grades=tuple(grades))


def _hostile_exercise(exercise: ExerciseGrade) -> ExerciseGrade:
    first, *others = exercise.checks
    wrong = replace(
        first,
        outcome="failed",
        points=0.0,
        message=_HOSTILE_MESSAGE,
        hint="<script>alert(4)</script>",
        misconception='"><script>alert(5)</script>',
    )
    curve = Curve("<b>loss</b>", first.function, (1e30, -1e30, 0.0), (1.0, 0.5, 0.25, 0.2))
    return replace(exercise, checks=(wrong, *others), curves=(curve,))
