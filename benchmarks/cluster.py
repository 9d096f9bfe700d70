"""What grading on a cluster costs beside grading on one machine, as far as one machine can tell.

The same class is graded by `grader grade --jobs 2` and by `grader grade --cluster` with two workers
of one thread each and a scheduler, all of them here, in turns within one run. Both have two warm
processes' worth of submissions at a time; the cluster has two warm pairs instead of one. A small
class beside the large one takes the start off. Nothing is asserted about time, only that both give
the same JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from grader.course import Course, load_course

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
SMALL = 2  # submissions in the class that takes the start off
SECONDS = 1800  # the last resort against something that hangs
WORKERS = 2


class BenchmarkError(Exception):
    """A way of grading did not do what is measured."""


@dataclass
class Cost:
    """Seconds: on the clock, of the processor in all, and of it in the command and in dask."""

    wall: float = 0.0
    cpu: float = 0.0
    command: float = 0.0
    dask: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Cost) -> Cost:
        return Cost(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def over(self, count: int) -> Cost:
        return Cost(*(each / count for each in astuple(self)))


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--submissions", type=int, default=40, metavar="N")
    parser.add_argument("--turns", type=int, default=2, metavar="T")
    parser.add_argument("--only", default="losses", metavar="EXERCISE,...")
    options = parser.parse_args()
    if options.submissions <= SMALL or options.turns < 1:
        parser.error(f"more than {SMALL} submissions, and at least one turn")
    course = load_course(ROOT).only(options.only.split(","))
    try:
        with tempfile.TemporaryDirectory(prefix="cluster-") as folder:
            here, there = measure(Path(folder), course, options.submissions, options.turns)
    except BenchmarkError as error:
        sys.exit(f"cluster: {error}")
    print(table(here, there, options.submissions, options.turns))


def measure(
    folder: Path, course: Course, submissions: int, turns: int
) -> tuple[dict[str, Cost], dict[str, Cost]]:
    """What the small and the large class cost here and there, all turns together."""
    sizes = {"small": SMALL, "large": submissions}
    for name, count in sizes.items():
        write_class(course, folder / name, count)
    here = {name: Cost() for name in sizes}
    there = {name: Cost() for name in sizes}
    with cluster(folder) as (address, daemons):
        for turn in range(turns):
            for name in sizes:
                local, alone = grade(course, folder, name, f"here-{turn}", ["--jobs", "2"])
                spread, cost = on_cluster(course, folder, name, turn, address, daemons)
                if local != spread:
                    raise BenchmarkError(f"{name}: the JSON differs")
                here[name] += alone
                there[name] += cost
    return here, there


def on_cluster(
    course: Course, folder: Path, name: str, turn: int, address: str, daemons: Sequence[int]
) -> tuple[Any, Cost]:
    before = [spent(pid) for pid in daemons]
    found, cost = grade(course, folder, name, f"there-{turn}", ["--cluster", address])
    after = [spent(pid) for pid in daemons]
    own = sum(now[0] - then[0] for now, then in zip(after, before, strict=True))
    pairs = sum(now[1] - then[1] for now, then in zip(after, before, strict=True))
    return found, Cost(cost.wall, cost.cpu + own + pairs, cost.cpu, own)


def write_class(course: Course, folder: Path, submissions: int) -> None:
    """Copies of the solutions, no two of the same bytes."""
    for number in range(submissions):
        place = folder / f"student-{number:04}"
        place.mkdir(parents=True)
        for exercise in course.exercises:
            source = (course.solutions / exercise.file_name).read_bytes()
            (place / exercise.file_name).write_bytes(source + b"\n# copy %d\n" % number)


def grade(
    course: Course, folder: Path, name: str, way: str, options: Sequence[str]
) -> tuple[Any, Cost]:
    """The run's JSON without seconds, and what the command and its children cost."""
    out = folder / f"{name}-{way}"
    command = [sys.executable, "-P", "-m", "grader.cli", "grade", str(folder / name)]
    command += ["--course", str(ROOT), "--only", ",".join(course.names), "--seed", "0"]
    command += ["--out", str(out), "--json", str(out / "run.json"), *options]
    began, before = time.monotonic(), children_seconds()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS)
    cost = Cost(time.monotonic() - began, children_seconds() - before)
    if done.returncode != 0:
        raise BenchmarkError(f"grader grade ended with {done.returncode}:\n{done.stderr}")
    return without_seconds(json.loads((out / "run.json").read_text())), cost


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """A scheduler and workers on the loopback device; its address, and the processes."""
    file = folder / "scheduler.json"
    host = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    more = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
    with ExitStack() as stack:
        daemons = [start(stack, "scheduler", [*host, "--port", "0"])]
        daemons += [start(stack, "worker", [*host, *more]) for _ in range(WORKERS)]
        yield str(file), daemons


def start(stack: ExitStack, what: str, options: Sequence[str]) -> int:
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *options]
    process = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
    stack.callback(process.kill)
    return process.pid


def spent(pid: int) -> tuple[float, float]:
    """Processor time of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, childrens_user, childrens_system = map(int, fields[11:15])
    return (user + system) / TICK, (childrens_user + childrens_system) / TICK


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


def table(here: dict[str, Cost], there: dict[str, Cost], submissions: int, turns: int) -> str:
    """A line for each way: the whole run, and a submission with the start taken off."""
    lines = [f"{submissions} correct submissions, {turns} turns, seconds", ""]
    header = ("", "run", "CPU", "each", "CPU each", "of it client", "of it dask", "CPU ratio")
    lines.append(row(*header))
    base = (here["large"] - here["small"]).over(turns * (submissions - SMALL))
    for name, cost in (("--jobs 2", here), (f"--cluster, {WORKERS} workers of 1", there)):
        run = cost["large"].over(turns)
        each = (cost["large"] - cost["small"]).over(turns * (submissions - SMALL))
        shares = (each.command, each.dask, each.cpu / base.cpu)
        figures = (run.wall, run.cpu, each.wall, each.cpu, *shares)
        lines.append(row(name, *(f"{figure:.3f}" for figure in figures)))
    return "\n".join(lines)


def row(name: str, *cells: str) -> str:
    return f"{name:<28}" + "".join(f"{cell:>{max(10, len(cell) + 2)}}" for cell in cells)


if __name__ == "__main__":
    main()
