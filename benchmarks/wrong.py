"""What a wrong submission costs beside a correct one, in processor time.

A wrong answer is asked again in a fresh sandbox, made small and held against every known mistake:
a correct one never is. A class has many wrong ones, and that work must stay
in proportion: a class of which every third submission is wrong may cost twice what one without any
wrong one does.

Submissions of the whole course take turns, one at a time: two correct ones and a wrong one, which
is wrong in each of these ways in turn:

- one known mistake in one exercise;
- one known mistake in every exercise;
- every function of one exercise wrong;
- nothing written: the stubs.

Apart from these, and not in the class, are one with every function of every exercise wrong, and one
with functions that never end: what that costs is up to the limits of course.toml. What known
mistakes answer is found out at need and kept for the run, so that the first wrong submissions cost
more than later ones. Nothing is asserted about time, only that no wrong submission passes. Linux
only.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import ROOT, BenchmarkError, line
from throughput import spent

from grader.course import Course, Exercise, load_course
from grader.examiner.engine import Engine, EngineSettings
from grader.misconceptions import Misconception, misconceptions_of, wrong_source

CORRECT = "correct"
ALL_WRONG = "every function wrong"
ENDLESS = "functions that never end"
ALLOWED = 2.0  # times a class of correct submissions
_UNCOUNTED = 2  # correct ones at the beginning: the warm pair is still getting warm
Files = dict[str, bytes]


@dataclass(frozen=True)
class Examined:
    """What one submission cost, in seconds of processor time by place, and how it was graded."""

    kind: str
    what: str  # is wrong
    places: Mapping[str, float]
    exercises: Sequence[Mapping[str, Any]]

    @property
    def cpu(self) -> float:
        return sum(self.places.values())


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--submissions", type=int, default=36, metavar="N", help="in the class")
    parser.add_argument("--apart", type=int, default=1, metavar="M", help="of each other kind")
    parser.add_argument("--seed", type=int, default=0, help="which mistakes are drawn")
    parser.add_argument("--each", action="store_true", help="a line for each wrong submission")
    parser.add_argument("--json", type=Path, metavar="FILE", help="what was graded, for a diff")
    options = parser.parse_args()
    if options.submissions < 3 or options.apart < 0:
        parser.error("at least three submissions, and none or more of the other kinds")
    course = load_course(ROOT)
    maker = Maker(course, random.Random(options.seed))
    try:
        with Engine(EngineSettings(course)) as engine:
            examined = list(examine(engine, maker, options.submissions, options.apart))
    except BenchmarkError as error:
        sys.exit(f"wrong: {error}")
    if options.json is not None:
        graded = [{"what": one.what, "exercises": without_times(one.exercises)} for one in examined]
        options.json.write_text(json.dumps(graded, indent=1) + "\n", encoding="utf-8")
    print(table(examined))
    if options.each:
        print("\n".join(["", *each(examined)]))


# the submissions


class Maker:
    """Makes submissions, no two of the same bytes."""

    def __init__(self, course: Course, chance: random.Random) -> None:
        self._course = course
        self._chance = chance
        self._made = 0
        self._mistakes = {
            exercise.name: [
                known
                for known in misconceptions_of(exercise.name, course.misconceptions)
                if not known.needs_gpu
            ]
            for exercise in course.exercises
        }
        self.wrong: dict[str, Callable[[], tuple[str, Files]]] = {
            "a known mistake in one exercise": self._one,
            "a known mistake in every exercise": self._every,
            "all functions of an exercise wrong": self._all_of_one,
            "nothing written": self._stubs,
        }

    def correct(self) -> tuple[str, Files]:
        return "", self._marked(self._solutions())

    def endless(self) -> tuple[str, Files]:
        """A function of one exercise that computes for ever, one of another that sleeps."""
        looping, sleeping = self._chance.sample(self._course.exercises, 2)
        files, names = self._solutions(), []
        for exercise, body in (
            (looping, "while True: pass"),
            (sleeping, "import time; time.sleep(1e6)"),
        ):
            name = self._chance.choice(exercise.functions)
            names.append(f"{exercise.name}.{name}")
            text = f"\n\ndef {name}(*arguments, **options):\n    {body}\n"
            files[exercise.file_name] += text.encode()
        return ", ".join(names), self._marked(files)

    def _one(self) -> tuple[str, Files]:
        exercise = self._chance.choice(self._course.exercises)
        known = self._chance.choice(self._mistakes[exercise.name])
        files = self._solutions()
        files[exercise.file_name] = self._with(files[exercise.file_name], known)
        return f"{exercise.name}.{known.name}", self._marked(files)

    def _every(self) -> tuple[str, Files]:
        files, names = self._solutions(), []
        for exercise in self._course.exercises:
            known = self._chance.choice(self._mistakes[exercise.name])
            names.append(known.name)
            files[exercise.file_name] = self._with(files[exercise.file_name], known)
        return ", ".join(names), self._marked(files)

    def _all_of_one(self) -> tuple[str, Files]:
        exercise = self._chance.choice(self._course.exercises)
        files = self._solutions()
        names = self._make_wrong(files, exercise)
        return f"{exercise.name}: {', '.join(names)}", self._marked(files)

    def all_wrong(self) -> tuple[str, Files]:
        files = self._solutions()
        for exercise in self._course.exercises:
            self._make_wrong(files, exercise)
        return "", self._marked(files)

    def _make_wrong(self, files: Files, exercise: Exercise) -> list[str]:
        """Put a known mistake in the place of each function of an exercise; their names."""
        names = []
        for function in exercise.functions:
            known = [one for one in self._mistakes[exercise.name] if one.function == function]
            for one in self._chance.sample(known, len(known)):
                try:
                    wrong = self._with(files[exercise.file_name], one)
                except ValueError:  # two mistakes may each bring a helper of one name
                    continue
                files[exercise.file_name] = wrong
                names.append(one.name)
                break
            else:
                files[exercise.file_name] += f"\n\ndef {function}(*a, **b):\n    pass\n".encode()
                names.append(f"{function} gives nothing")
        return names

    def _stubs(self) -> tuple[str, Files]:
        return "", self._marked(self._files(self._course.stubs))

    def _solutions(self) -> Files:
        return self._files(self._course.solutions)

    def _files(self, folder: Path) -> Files:
        names = [exercise.file_name for exercise in self._course.exercises]
        return {name: (folder / name).read_bytes() for name in names}

    def _marked(self, files: Files) -> Files:
        self._made += 1
        return {name: text + f"\n# copy {self._made}\n".encode() for name, text in files.items()}

    def _with(self, source: bytes, known: Misconception) -> bytes:
        return wrong_source(
            source.decode(), known.module_source, known.name, known.function
        ).encode()


def turns(maker: Maker, submissions: int, apart: int) -> Iterator[tuple[str, str, Files]]:
    """What is examined, in order: every third wrong, those of a kind apart last."""
    wrong = list(maker.wrong.items())
    for number in range(submissions):
        if number % 3 == 2:
            kind, make = wrong[number // 3 % len(wrong)]
            yield (kind, *make())
        else:
            yield (CORRECT, *maker.correct())
    for _ in range(apart):
        yield (ALL_WRONG, *maker.all_wrong())
        yield (ENDLESS, *maker.endless())


def examine(engine: Engine, maker: Maker, submissions: int, apart: int) -> Iterator[Examined]:
    """Each submission's cost, one at a time, so that what the processes used is its own."""
    for _ in range(_UNCOUNTED):
        engine.examine(maker.correct()[1])
    for kind, what, files in turns(maker, submissions, apart):
        before = spent()
        exercises = engine.examine(files)
        places = {name: seconds - before[name] for name, seconds in spent().items()}
        passed = all(
            check["outcome"] == "passed" for exercise in exercises for check in exercise["checks"]
        )
        if passed != (kind == CORRECT):
            raise BenchmarkError(f"{kind} ({what}) {'passed' if passed else 'failed'}")
        yield Examined(kind, what, places, exercises)


def without_times(exercises: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A grade as it is the same in every run."""
    return [
        {
            **exercise,
            "checks": [
                {key: value for key, value in check.items() if key != "seconds"}
                for check in exercise["checks"]
            ],
        }
        for exercise in exercises
    ]


# the table


def table(examined: Sequence[Examined]) -> str:
    """The mean of each kind by place, and what the class costs beside one of correct ones.

    "every third" is that ratio where every third submission is of this one kind.
    """
    kinds = list(dict.fromkeys(one.kind for one in examined))
    places = list(examined[0].places)
    correct = mean_of(examined, CORRECT)
    lines = [line("CPU s a submission", "mean", "× correct", "every third", "median", "most")]
    for kind in kinds:
        own = [one.cpu for one in examined if one.kind == kind]
        lines.append(
            line(
                f"{kind} ({len(own)})",
                f"{statistics.mean(own):.3f}",
                f"{statistics.mean(own) / correct:.2f}",
                f"{(2 + statistics.mean(own) / correct) / 3:.2f}",
                f"{statistics.median(own):.3f}",
                f"{max(own):.3f}",
            )
        )
    group = [one.cpu for one in examined if one.kind not in (ALL_WRONG, ENDLESS)]
    ratio = statistics.mean(group) / correct
    lines += ["", f"a class in which every third is wrong: {ratio:.2f} times one without"]
    lines += [f"at most {ALLOWED:g} times is allowed: {'kept' if ratio <= ALLOWED else 'NOT kept'}"]
    lines += ["", line("where it goes, s each", *(short(kind) for kind in kinds))]
    for place in places:
        means = (
            statistics.mean(one.places[place] for one in examined if one.kind == kind)
            for kind in kinds
        )
        lines.append(line(f"  {place}", *(f"{seconds:.3f}" for seconds in means)))
    return "\n".join(lines)


def short(kind: str) -> str:
    """A kind's name in the head of a narrow column."""
    return kind.replace("a known mistake in ", "in ").replace("functions", "").strip()[:11]


def each(examined: Sequence[Examined]) -> Iterator[str]:
    """A line for each wrong submission, the dearest first."""
    wrong = [one for one in examined if one.kind != CORRECT]
    for one in sorted(wrong, key=lambda one: -one.cpu):
        yield f"{one.cpu:8.3f} s  {one.kind}: {one.what}"


def mean_of(examined: Sequence[Examined], kind: str) -> float:
    return statistics.mean(one.cpu for one in examined if one.kind == kind)


if __name__ == "__main__":
    main()
