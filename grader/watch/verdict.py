"""What is said below a run: how the function stands, how far the exercise is, what is next."""

from __future__ import annotations

from rich.text import Text

from grader.student.listing import bar
from grader.student.standing import FINISHED, TO_WRITE, UNREADABLE, WAITS, next_step
from grader.untrusted import terminal
from grader.watch.place import Place, Standings, place_after


def function_verdict(
    standings: Standings, place: Place, says_next: bool, ascii_only: bool
) -> list[Text]:
    """Below a run of a function or an exercise; `says_next` where the run itself has said what is
    to be done."""
    functions = standings.of(place.exercise).functions
    done = sum(function.state in FINISHED for function in functions)
    line = Text(f"{place.exercise}  ") + bar(done, len(functions), ascii_only)
    line += Text(f"  {done} of {len(functions)} functions done")
    if standings.of(place.exercise).function(place.function).state in FINISHED:
        return [_of_finished(standings, place), line]
    return [line] if says_next else [_of_unfinished(standings, place), line]


def course_verdict(standings: Standings, says_next: bool) -> list[Text]:
    """Below a run of everything."""
    everything = standings.all()
    functions = [function for one in everything for function in one.functions]
    done = sum(function.state in FINISHED for function in functions)
    step = next_step(everything)
    count = Text(f"{done} of {len(functions)} functions done", "bold")
    if step is None:
        return [count, Text("all is done", "bold green")]
    return [count] if says_next else [count, Text(terminal(f"next: {step}"))]


def _of_finished(standings: Standings, place: Place) -> Text:
    function, name = standings.of(place.exercise).function(place.function), terminal(place.function)
    said = f"{name} is done" if function.checks else f"{name}: no public check asks for it"
    after = place_after(standings, place)
    if after is None:
        return Text(f"{said}, and so is all else", "bold green")
    where = "" if after.exercise == place.exercise else f" of {after.exercise}"
    return Text(f"{said}: n goes on to {terminal(after.function)}{where}", "bold green")


def _of_unfinished(standings: Standings, place: Place) -> Text:
    one = standings.of(place.exercise)
    function, name = one.function(place.function), terminal(place.function)
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
