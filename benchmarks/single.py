"""One submission from the start of `grader grade` to its end, against importing torch, torchvision.

    uv run python benchmarks/single.py [--rounds N] [--only losses] [--cpus C]

This is what a push costs in CI, or a hand-in on Gradescope. Commands take turns within one run,
each with a gradebook of its own and the same seed; those with kept recordings share a cache, which
the first round, not counted, fills. Compare the ratios, never the seconds of two runs. Linux only.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import load_course
from grader.examiner.shelf import VARIABLE

ROOT = Path(__file__).resolve().parent.parent
FLOOR = "import torch, torchvision"
TARGET = 1.25
LONGEST = 600  # seconds of one command: the last resort against something that hangs
_SEED = "4"
# One function of losses, wrong in the way of one known mistake: its counterexample is made smaller.
_WRONG = """

def l1_loss(input, target, reduction="mean"):
    if input.shape != target.shape:
        raise ValueError("shapes differ")
    error = input - target
    if reduction == "none":
        return error
    if reduction == "sum":
        return error.sum()
    if reduction == "mean":
        return error.mean()
    raise ValueError(reduction)
"""


@dataclass(frozen=True)
class Command:
    """What is run: arguments of Python, and what else is set."""

    arguments: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    says: str = ""  # what its output must hold


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--only", default="losses", metavar="EXERCISE")
    parser.add_argument("--cpus", type=int, metavar="C", help="use so many processors alone")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("at least one round")
    if options.cpus is not None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.cpus])
    spent: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="single-") as place:
        commands = made(Path(place), options.only)
        for number in range(options.rounds + 1):
            for name, command in commands.items():
                used = cost(command, Path(place))
                if number:
                    spent.setdefault(name, []).append(used)
    print(table(spent))


def made(place: Path, only: str) -> dict[str, Command]:
    """The commands, with the submissions that they grade."""
    course = load_course(ROOT).graded()
    single, wrong, push = place / "single", place / "wrong", place / "push"
    for folder in (single, wrong, push):
        folder.mkdir()
    solution = (course.solutions / f"{only}.py").read_text(encoding="utf-8")
    (single / f"{only}.py").write_text(solution, encoding="utf-8")
    for exercise in course.exercises:
        shutil.copy(course.solutions / exercise.file_name, push)
    kept, off = {VARIABLE: str(place / "kept")}, {VARIABLE: "off"}
    one = [str(single / f"{only}.py"), "--only", only]
    commands = {
        FLOOR: Command(["-c", FLOOR]),
        "import torch": Command(["-c", "import torch"]),
        f"one file, {only}": _grade(place, one, kept),
        "  with nothing kept": _grade(place, one, off),
    }
    if only == "losses":
        (wrong / "losses.py").write_text(solution + _WRONG, encoding="utf-8")
        path = [str(wrong / "losses.py"), "--only", only]
        commands["  one function wrong"] = _grade(place, path, kept, says="hint ")
    commands["a push of the whole course"] = _grade(place, [str(push)], kept)
    commands["  with nothing kept "] = _grade(place, [str(push)], off)
    return commands


def _grade(
    place: Path, arguments: list[str], environment: Mapping[str, str], says: str = "nothing"
) -> Command:
    out = ["--out", str(place / "results"), "--course", str(ROOT), "--seed", _SEED]
    return Command(["-P", "-m", "grader.cli", "grade", *arguments, *out], environment, says)


def cost(command: Command, place: Path) -> tuple[float, float]:
    """Wall and processor seconds of a command and all the processes that it waits for."""
    shutil.rmtree(place / "results", ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command.arguments],
        cwd=place,
        env={**os.environ, **command.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0 or command.says not in done.stdout:
        said = done.stdout[-2000:]
        sys.exit(f"single: {' '.join(command.arguments)} ended with {done.returncode}:\n{said}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(spent: Mapping[str, list[tuple[float, float]]]) -> str:
    """Medians in seconds, and the median of each round's ratio to the floor of that round."""
    lines = [f"{'':<30}{'wall':>8}{'ratio':>8}{'CPU':>10}{'ratio':>8}"]
    for name, costs in spent.items():
        cells = []
        for which in (0, 1):
            seconds = [used[which] for used in costs]
            ratios = [
                used[which] / one[which] for used, one in zip(costs, spent[FLOOR], strict=True)
            ]
            cells.append(f"{statistics.median(seconds):6.2f} s {statistics.median(ratios):7.2f}")
        lines.append(f"{name:<28}{cells[0]:>17}{cells[1]:>18}")
    return "\n".join([*lines, f"target: a ratio of {TARGET} by wall, with recordings kept"])


if __name__ == "__main__":
    main()
