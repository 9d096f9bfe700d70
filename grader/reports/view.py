"""What a student may see of a grade: public checks in full, hidden ones as the course says.

Everything that reaches students - feedback files, Gradescope, GitHub, exercism - is made of what
`student_view` returns. Nothing else decides what is shown of a hidden check.

A message of a hidden check holds its inputs, and so may all that a student's code had a say in: the
text of an exception, the lines of a traceback, the number a process ends itself with, what a curve
goes through. So nothing of a message is passed on: where the course shows hints, a message that is
known to hold nothing but the grader's own words is worded anew here (`_plain`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from grader.course import HIDDEN_FEEDBACK
from grader.grades import CheckGrade, ExerciseGrade, Grade


def student_view(grade: Grade, hidden_feedback: str) -> Grade:
    """The grade with what is told of hidden checks; ValueError for a level that is none.

    counterexample: all of it. hint: title, outcome, hint, and a message that holds no input. title:
    title and outcome. points: one entry a function, which says how many of its points were earned.
    none: nothing; the points of exercises and of the whole stay as they are. Curves of hidden
    checks are shown with their counterexamples only.
    """
    if hidden_feedback not in HIDDEN_FEEDBACK:
        raise ValueError(f"hidden_feedback must be one of {', '.join(HIDDEN_FEEDBACK)}")
    exercises = (_exercise(exercise, hidden_feedback) for exercise in grade.exercises)
    return replace(grade, exercises=tuple(exercises))


def _exercise(exercise: ExerciseGrade, level: str) -> ExerciseGrade:
    if level == "counterexample":
        return exercise
    public = [check for check in exercise.checks if not check.hidden]
    hidden = [check for check in exercise.checks if check.hidden]
    if level == "none":
        shown = public
    elif level == "points":
        shown = [*public, *_sums(exercise.name, hidden)]
    else:
        shown = [*public, *(_told(check, level) for check in hidden)]
    curves = tuple(curve for curve in exercise.curves if not curve.hidden)
    return replace(exercise, checks=tuple(shown), curves=curves)


def _told(check: CheckGrade, level: str) -> CheckGrade:
    if check.message is check.hint is check.misconception is None:  # as of nearly all that passed
        return check
    if level == "hint":
        return replace(check, message=_plain(check))
    message = check.message if _of_the_file(check) else None
    return replace(check, message=message, hint=None, misconception=None)


def _sums(exercise: str, checks: list[CheckGrade]) -> Iterator[CheckGrade]:
    """One entry for the hidden checks of each function."""
    for function in dict.fromkeys(check.function for check in checks):
        own = [check for check in checks if check.function == function]
        outcomes = {check.outcome for check in own}
        told = {check.message if _of_the_file(check) else None for check in own}
        same = outcomes in ({"passed"}, {"todo"}) or (None not in told and len(outcomes) == 1)
        yield CheckGrade(
            id=f"{exercise}/hidden_{function}",
            title=f"The hidden checks of {function}.",
            function=function,
            hidden=True,
            outcome=outcomes.pop() if same else "failed",
            points=sum(check.points for check in own),
            max_points=sum(check.max_points for check in own),
            message=told.pop() if len(told) == 1 else None,
            hint=None,
            misconception=None,
            seconds=sum(check.seconds for check in own),
        )


# Messages in which nothing is a student's, by the words that the examiner has for them. FUNCTION
# and FILE stand for the check's own; what else varies are numbers of the course's. Where a
# group is called `kept`, only that is shown: a process that was asked chooses its exit status.
_SECONDS = r"[\d.e+-]+ s"
_LOST = (
    rf"it did not end within {_SECONDS}(: is there an endless loop\?)?",
    rf"it did nothing for {_SECONDS}: does it sleep, or wait for something that never comes\?",
    "it sent something that is no answer|it answered what was not asked",
    "the process closed its connection",
    r"the process was ended by SIG[A-Z0-9]+( \(memory was used that is not there\))?",
    r"it (started|made) more than \d+ (threads|files)",
    r"its files are larger than \d+ MiB in all",
    r"it made a folder that nobody may read|it made folders more than \d+ deep",
)
_EXIT = r"with exit status \d+"
_OF_THE_FILE = (  # it was asked nothing yet, and what it says is the same for public checks
    r"FILE could not be imported: (?s:.*)",
    rf"while FILE was imported, ({'|'.join(_LOST)}|the process ended itself {_EXIT})",
    "FILE is missing from this submission",
)
_OWN = (
    rf"FUNCTION: ({'|'.join(_LOST)})",
    rf"(?P<kept>FUNCTION: the process ended itself) {_EXIT}",
    "FUNCTION is still to be written",
    r"FILE has no FUNCTION: is it misspelt, or was it deleted\?",
    "its process gave no answer that can be read",
    rf"(FUNCTION|FILE) has used its {_SECONDS} in the checks before",
    "this is right, and counts once FUNCTION works: of the inputs that were drawn for its other "
    "checks it gets fewer than a third right",
    r"FUNCTION used (torch\.nn\.functional\.|aten::)FUNCTION, which this exercise asks you to "
    r"write",
    r"FUNCTION used torch\.(optim|Tensor\.backward|autograd\.(grad|backward)), which this exercise "
    "asks you to write",
)
_IN_GENERAL = {
    "todo": "FUNCTION, or another function that it calls, is still to be written",
    "forbidden": "FUNCTION used something that this exercise asks you to write",
    "timeout": "FUNCTION took too long",
    "crashed": "the process of FUNCTION ended before it answered",
}


def _plain(check: CheckGrade) -> str | None:
    """The message of a hidden check as far as nothing of its inputs can be in it."""
    if check.message is None or _of_the_file(check):
        return check.message
    _, own = _patterns(check.exercise, check.function)
    found = own.fullmatch(check.message.partition("\n")[0])
    if found is not None:
        kept: str = found["kept"] or found[0]
        return kept
    general = _IN_GENERAL.get(check.outcome)
    return general and general.replace("FUNCTION", check.function)


def _of_the_file(check: CheckGrade) -> bool:
    """Whether a check was not put at all, because its exercise could not be imported."""
    of_the_file, _ = _patterns(check.exercise, check.function)
    return check.message is not None and of_the_file.fullmatch(check.message) is not None


@cache
def _patterns(exercise: str, function: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """`_OF_THE_FILE` and `_OWN` as one pattern each, for one function of the course."""
    names = {"FUNCTION": re.escape(function), "FILE": re.escape(f"{exercise}.py")}
    whole, own = "|".join(_OF_THE_FILE), "|".join(_OWN)
    for name, meant in names.items():
        whole, own = whole.replace(name, meant), own.replace(name, meant)
    return re.compile(whole), re.compile(own)
