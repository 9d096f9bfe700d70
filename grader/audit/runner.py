"""Does the course catch what it should? Stubs, solutions, torch itself, known mistakes, mutants.

Everything is examined by the engine that grades, by the hidden checks alone where they must decide.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from grader.audit.equivalents import Equivalent, entry_for, matching, read_equivalents, stale
from grader.audit.mutation import Mutant, mutants
from grader.course import Course, CourseError, Exercise
from grader.examiner.engine import Engine
from grader.hints import problems_with_hints
from grader.misconceptions import Misconception, misconceptions_of, wrong_source

NAMED_SHARE = 0.95  # of the known mistakes that must be called by their own name


@dataclass(frozen=True)
class Finding:
    """Something to mend in the course: one line, and what shows it."""

    exercise: str
    what: str
    details: str = ""


@dataclass
class Tally:
    """What the audit of one exercise counted, and what it found."""

    exercise: str
    examined: int = 0  # stubs, solutions, torch itself
    mistakes: int = 0
    failed: int = 0
    named: int = 0
    mutants: int = 0
    killed: int = 0
    equivalent: int = 0
    skipped: int = 0  # known mistakes that only a GPU shows
    findings: list[Finding] = field(default_factory=list)
    unnamed: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Trial:
    """One thing to examine; `judge` counts it in a tally.

    `kind` is whole (a stub, a solution, torch itself, the hints), mistake, or mutant.
    """

    exercise: str
    kind: str
    judge: Callable[[Tally], None]


class Audit:
    """The audit of a course by a running engine."""

    def __init__(self, course: Course, engine: Engine, device: str = "cpu") -> None:
        self._course = course
        self._engine = engine
        self._device = device

    def trials(self, with_mutants: bool = True) -> list[Trial]:
        """Everything there is to examine; CourseError where a list of equivalents is at fault."""
        found: list[Trial] = []
        for exercise in self._course.exercises:
            found += self._whole(exercise)
            found.append(self._hinted(exercise))
            found += self._known(exercise)
            if with_mutants:
                found += self._mutated(exercise)
        return found

    def run(
        self, trials: list[Trial], jobs: int, heard: Callable[[], None] = lambda: None
    ) -> list[Tally]:
        """Examine them, `jobs` at a time; `heard` is called after each."""
        tallies = {name: Tally(name) for name in self._course.names}

        def judge(trial: Trial) -> None:
            trial.judge(tallies[trial.exercise])

        with ThreadPoolExecutor(jobs) as pool:
            for _ in pool.map(judge, trials):
                heard()
        return list(tallies.values())

    # stubs, solutions and torch itself

    def _whole(self, exercise: Exercise) -> Iterator[Trial]:
        stub = (self._course.stubs / exercise.file_name).read_bytes()
        yield self._expecting(exercise, "the stub", stub, "todo", {})
        yield self._expecting(exercise, "the solution", self._solution(exercise), "passed", {})
        reference = self._course.hidden_checks / f"torch_{exercise.file_name}"
        if reference.exists():
            torchs = reference.read_bytes()
            yield self._expecting(
                exercise, "torch itself", torchs, "passed", {"without_rules": True}
            )

    def _expecting(
        self, exercise: Exercise, what: str, source: bytes, outcome: str, manner: dict[str, Any]
    ) -> Trial:
        def judge(tally: Tally) -> None:
            tally.examined += 1
            for check in self._examine(exercise, source, **manner):
                if check["outcome"] != outcome:
                    said = f"{what}: {check['id']} is {check['outcome']}, not {outcome}"
                    tally.findings.append(Finding(exercise.name, said, check["message"] or ""))

        return Trial(exercise.name, "whole", judge)

    def _hinted(self, exercise: Exercise) -> Trial:
        def judge(tally: Tally) -> None:
            problems = problems_with_hints(self._course, exercise)
            tally.findings += [Finding(exercise.name, problem) for problem in problems]

        return Trial(exercise.name, "whole", judge)

    # known mistakes

    def _known(self, exercise: Exercise) -> Iterator[Trial]:
        """Each known mistake; the first of a function is put to the whole exercise's checks.

        A check that says it is about one function and asks another is found by that first one
        already; the others are put to the checks of what they can reach.
        """
        begun: set[str] = set()
        for known in misconceptions_of(exercise.name, self._course.misconceptions):
            yield self._mistaken(exercise, known, everywhere=known.function not in begun)
            begun.add(known.function)

    def _mistaken(self, exercise: Exercise, known: Misconception, everywhere: bool) -> Trial:
        solution = self._solution(exercise).decode()
        try:
            source = wrong_source(solution, known.module_source, known.name, known.function)
        except ValueError as error:
            raise CourseError(f"{self._course.misconceptions / exercise.name}: {error}") from None

        reached = callers(solution, known.function)
        functions = None if everywhere else sorted(reached)

        def judge(tally: Tally) -> None:
            if known.needs_gpu and self._device == "cpu":
                tally.skipped += 1
                return
            tally.mistakes += 1
            manner = {"hidden_only": True, "smaller": False, "functions": functions}
            checks = self._examine(exercise, source.encode(), **manner)
            failed = [check for check in checks if check["outcome"] != "passed"]
            what = f"{known.name} (a wrong {known.function})"
            if not failed:
                tally.findings.append(
                    Finding(exercise.name, f"{what} passes every hidden check: add one")
                )
                return
            tally.failed += 1
            innocent = {check["function"] for check in failed} - reached
            if innocent:
                said = f"{what} fails checks of {', '.join(sorted(innocent))}, which do not call it"
                tally.findings.append(Finding(exercise.name, said))
            wrongly = _called(failed, known)
            if wrongly is None:
                tally.named += 1
            else:
                tally.unnamed.append(Finding(exercise.name, f"{what} {wrongly}"))

        return Trial(exercise.name, "mistake", judge)

    # mechanical mutations

    def _mutated(self, exercise: Exercise) -> Iterator[Trial]:
        entries = read_equivalents(self._course.hidden_checks, exercise.name)
        found = mutants(self._solution(exercise).decode())
        for old in stale(entries, found):
            yield _stale_entry(exercise, old)
        for mutant in found:
            yield self._mutant(exercise, mutant, matching(entries, mutant))

    def _mutant(self, exercise: Exercise, mutant: Mutant, known: Equivalent | None) -> Trial:
        listed = f"grader/checks/equivalent_{exercise.name}.toml"

        def judge(tally: Tally) -> None:
            tally.mutants += 1
            first = mutant.function if mutant.function in exercise.functions else None
            manner = {"hidden_only": True, "quick": True, "first": first}
            checks = self._examine(exercise, mutant.source.encode(), **manner)
            failing = [check["id"] for check in checks if check["outcome"] != "passed"]
            diff = mutant.diff(f"solutions/{exercise.file_name}")
            tells = known is None or known.on not in (None, self._device)
            if not failing and tells:
                what = f"a mutant of {mutant.function} passes every hidden check ({mutant.kind})"
                ask = f"If no input can tell it, say why in {listed}:"
                details = f"{diff}\n{ask}\n\n{entry_for(mutant)}\n"
                tally.findings.append(Finding(exercise.name, what, details))
            elif failing and not tells:
                what = f"listed as equivalent, but {failing[0]} fails it: take it off the list"
                tally.findings.append(Finding(exercise.name, what, diff))
            tally.killed += bool(failing)
            tally.equivalent += not failing and not tells

        return Trial(exercise.name, "mutant", judge)

    def _solution(self, exercise: Exercise) -> bytes:
        return (self._course.solutions / exercise.file_name).read_bytes()

    def _examine(self, exercise: Exercise, source: bytes, **manner: Any) -> list[dict[str, Any]]:
        files = {exercise.file_name: source}
        (graded,) = self._engine.examine(files, [exercise.name], **manner)
        checks: list[dict[str, Any]] = graded["checks"]
        return checks


def callers(solution: str, function: str) -> set[str]:
    """A function, and what of the solution calls it, directly or not: its mistake is theirs too."""
    used = {
        node.name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        for node in ast.parse(solution).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    names = {function}
    while more := {name for name, inside in used.items() if inside & names} - names:
        names |= more
    return names


def passes(tallies: list[Tally]) -> bool:
    """Whether nothing was found, and enough known mistakes were called by their own name."""
    mistakes, named = (sum(getattr(t, what) for t in tallies) for what in ("failed", "named"))
    return not any(tally.findings for tally in tallies) and named >= NAMED_SHARE * mistakes


def _called(failed: list[dict[str, Any]], known: Misconception) -> str | None:
    """How a known mistake was called instead of by its own hint; None where it was right."""
    own = [check for check in failed if check["function"] == known.function]
    if any(check["outcome"] in ("forbidden", "timeout", "crashed") for check in own):
        return None  # the outcome says itself what is wrong
    others = {check["misconception"] for check in own if check["hint"] not in (None, known.hint)}
    if others:
        return f"is taken for {', '.join(sorted(others))}"
    if any(check["hint"] == known.hint for check in own):
        return None
    return "fails, but its hint is not shown"


def _stale_entry(exercise: Exercise, old: Equivalent) -> Trial:
    def judge(tally: Tally) -> None:
        what = f"equivalent_{exercise.name}.toml lists a mutant of {old.function} there is not"
        tally.findings.append(Finding(exercise.name, what, f"- {old.before}\n+ {old.after}"))

    return Trial(exercise.name, "whole", judge)
