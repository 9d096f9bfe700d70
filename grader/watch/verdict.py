"""What is said below a run: how the function stands, how far the exercise is, what is next."""

from __future__ import annotations

from rich.text import Text

from grader.course import Course
from grader.student.listing import bar
from grader.student.progress import Progress
from grader.student.standing import FINISHED, TO_WRITE, UNREADABLE, WAITS, next_step, standing
from grader.untrusted import terminal
from grader.watch.place import Place, exercise_standing, place_after
from grader.watch.runs import Run


def verdict(course: Course, run: Run, place: Place, ascii_only: bool) -> list[Text]:
    """The lines that follow the output of a run that has ended."""
    if run.scope.exercise is None:
        return _of_everything(course)
    return [_of_function(course, run, place), _of_exercise(course, place, ascii_only)]


def _of_function(course: Course, run: Run, place: Place) -> Text:
    one = exercise_standing(course, place.exercise)
    function, name = one.function(place.function), terminal(place.function)
    if function.state in FINISHED:
        said = f"{name} is done" if function.checks else f"{name}: no public check asks for it"
        after = place_after(course, place)
        if after is None:
            return Text(f"{said}, and so is all else", "bold green")
        where = "" if after.exercise == place.exercise else f" of {after.exercise}"
        return Text(f"{said}: n goes on to {terminal(after.function)}{where}", "bold green")
    where = one.place_of(place.function)
    if function.state == UNREADABLE:
        return Text(terminal(f"mend {where}: {one.written.problem}"), "bold red")
    if function.waits_for:
        first = function.waits_for[0]
        return Text(terminal(f"first write {first} ({one.place_of(first)})"), "bold yellow")
    if function.state == TO_WRITE:
        return Text(terminal(f"write {name} ({where})"), "bold")
    passed = sum(check.passed for check in function.checks)
    said = f"{passed} of {len(function.checks)} checks passed: mend {name} ({where})"
    return Text(terminal(said), "bold yellow" if function.state == WAITS else "bold red")


def _of_exercise(course: Course, place: Place, ascii_only: bool) -> Text:
    functions = exercise_standing(course, place.exercise).functions
    done = sum(function.state in FINISHED for function in functions)
    line = Text(f"{place.exercise}  ") + bar(done, len(functions), ascii_only)
    return line + Text(f"  {done} of {len(functions)} functions done")


def _of_everything(course: Course) -> list[Text]:
    standings = standing(course, Progress.read(course))
    functions = [function for one in standings for function in one.functions]
    done = sum(function.state in FINISHED for function in functions)
    step = next_step(standings)
    said = "all is done" if step is None else f"next: {step}"
    return [
        Text(f"{done} of {len(functions)} functions done", "bold"),
        Text(terminal(said)),
    ]
