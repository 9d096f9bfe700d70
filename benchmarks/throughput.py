"""How fast a class of correct submissions is graded, and how near that is to what it has to cost.

Three ways of answering the same questions are held against each other:

- `grader grade`, as it is used, and the same engine once it is warm;
- one fresh pytest process a submission, its files beside the checks, which is what one does today;
- the solutions' own functions on the recorded inputs and nothing else: nobody can do with less
  (`floor.py`).

All of it is measured in turns within one run: a shared machine's speed drifts. Nothing is asserted
about time, only that every way passes every submission.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from classroom import PYTEST
from floor import Floor
from measuring import (
    ROOT,
    TICK,
    BenchmarkError,
    Cost,
    beyond,
    children_seconds,
    descendants,
    finish,
    line,
    start,
    total,
)

from grader.course import Course, load_course
from grader.examiner.engine import Engine, EngineSettings
from grader.sandbox.greeting import EXAMINER, SANDBOXES

FEW = 3  # submissions a job that the engine examines in a turn, between measurements of the floor
SERVERS = {"examiner": EXAMINER, "sandbox": SANDBOXES}


@dataclass
class Measured:
    """All parts of a run."""

    small: list[Cost] = field(default_factory=list)  # `grader grade` on one submission a job
    large: list[Cost] = field(default_factory=list)  # `grader grade` on the whole class
    warm: list[Cost] = field(default_factory=list)  # the engine without its start
    fresh: list[Cost] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)

    def measure(self, floor: Floor, jobs: int) -> None:
        """Measure the floor each way, new ones as many at a time as submissions are graded."""
        self.floor.append(floor.of_new_ones(jobs))
        self.again.append(floor.of_known_ones())


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--submissions", type=int, default=12, metavar="N")
    parser.add_argument("--fresh", type=int, default=4, metavar="M", help="pytest processes in all")
    parser.add_argument("--jobs", type=int, default=2, metavar="J", help="submissions at a time")
    options = parser.parse_args()
    if options.jobs < 1 or options.fresh < 2 or options.submissions <= options.jobs:
        parser.error("at least one job, two fresh processes and more submissions than jobs")
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory(prefix="throughput-") as folder:
            measured = measure(Path(folder), options.submissions, options.fresh, options.jobs)
    except BenchmarkError as error:
        sys.exit(f"throughput: {error}")
    print(table(measured, options.jobs))


def measure(folder: Path, submissions: int, fresh: int, jobs: int) -> Measured:
    """All parts in turns, the short ones on both sides of the long one."""
    course = load_course(ROOT)
    many = make_class(course, folder / "large", submissions)
    make_class(course, folder / "small", jobs)
    alone = [make_alone(course, folder / "fresh" / str(number)) for number in range(fresh)]
    floor = Floor(course, alone[0])
    measured = Measured()
    with Engine(EngineSettings(course)) as engine:
        for turn, some in enumerate((alone[: fresh // 2], alone[fresh // 2 :])):
            measured.measure(floor, jobs)
            measured.small.append(grade(folder / "small", jobs, folder / f"small-{turn}"))
            measured.fresh.append(run_fresh(some, jobs))
            if turn == 0:
                measured.large.append(grade(folder / "large", jobs, folder / "results"))
            for first in range(0, len(many), FEW * jobs):
                measured.measure(floor, jobs)
                measured.warm.append(examine_all(engine, many[first : first + FEW * jobs], jobs))
        measured.measure(floor, jobs)
    return measured


# the submissions


def make_class(course: Course, folder: Path, submissions: int) -> list[dict[str, bytes]]:
    """A folder with copies of the solutions, no two of the same bytes; their files."""
    made = []
    for number in range(submissions):
        place = folder / f"student-{number:04}"
        place.mkdir(parents=True)
        files = {}
        for exercise in course.exercises:
            source = (course.solutions / exercise.file_name).read_bytes()
            files[exercise.file_name] = source + f"\n# copy {number}\n".encode()
            (place / exercise.file_name).write_bytes(files[exercise.file_name])
        made.append(files)
    return made


def make_alone(course: Course, folder: Path) -> Path:
    """A folder in which pytest alone grades the solutions: all checks, public and hidden."""
    for source in (course.root / "course.toml", *course.check_files()):
        target = folder / source.relative_to(course.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for exercise in course.exercises:
        name = exercise.file_name
        shutil.copyfile(course.solutions / name, folder / "exercises" / name)
    return folder


# the three ways


def grade(submissions: Path, jobs: int, results: Path) -> Cost:
    """`grader grade` on a folder, from its start to its end."""
    verdicts = results.with_suffix(".json")
    command = [sys.executable, "-P", "-m", "grader.cli", "grade", str(submissions)]
    command += ["--course", str(ROOT), "--jobs", str(jobs)]
    command += ["--out", str(results), "--json", str(verdicts)]
    before = time.monotonic(), children_seconds()
    # Nothing is taken that an earlier run has recorded: every start-up is then the same.
    status, output = finish(start(command, ROOT, {"GRADER_CACHE": "off"}))
    wall, cpu = time.monotonic() - before[0], children_seconds() - before[1]
    if status != 0:
        raise BenchmarkError(f"grader grade ended with {status}:\n{output}")
    graded = json.loads(verdicts.read_text(encoding="utf-8"))["submissions"]
    for submission in graded:
        require_passed(submission["id"], submission["exercises"])
    return Cost(len(graded), wall, cpu)


def run_fresh(folders: Sequence[Path], jobs: int) -> Cost:
    """One pytest process for each folder, `jobs` at a time."""
    before = time.monotonic(), children_seconds()
    with ThreadPoolExecutor(jobs) as pool:
        ended = list(pool.map(run_alone, folders))
    cost = Cost(len(ended), time.monotonic() - before[0], children_seconds() - before[1])
    for status, output in ended:
        if status != 0:
            raise BenchmarkError(f"pytest ended with {status}:\n{output}")
    return cost


def run_alone(folder: Path) -> tuple[int, str]:
    """One fresh pytest process; its exit status and what it said."""
    command = [sys.executable, "-P", "-m", "pytest", "-q", *PYTEST, f"--rootdir={folder}"]
    return finish(start([*command, "exercises", "grader/checks"], folder))


def examine_all(engine: Engine, many: Sequence[dict[str, bytes]], jobs: int) -> Cost:
    """A class examined by an engine that is warm, and where its processor time went."""
    began, before = time.monotonic(), spent()
    with ThreadPoolExecutor(jobs) as pool:
        graded = list(pool.map(engine.examine, many))
    wall = time.monotonic() - began
    for number, exercises in enumerate(graded):
        require_passed(f"submission {number}", exercises)
    places = {name: seconds - before[name] for name, seconds in spent().items()}
    return Cost(len(many), wall, sum(places.values()), places)


def require_passed(who: str, exercises: Sequence[dict[str, Any]]) -> None:
    """Every check of a submission passed: what is measured is what a correct one costs."""
    for exercise in exercises:
        for check in exercise["checks"]:
            if check["outcome"] != "passed":
                raise BenchmarkError(f"{who}: {check['id']}: {check['message']}")


# the warm pair's processes and their time


def servers(role: str) -> list[int]:
    """One of the warm pair below this process, and the servers forked from it."""
    found = []
    for pid in descendants():
        with contextlib.suppress(OSError):  # it may have ended
            if Path(f"/proc/{pid}/comm").read_text().strip() == role:
                found.append(pid)
    if not found:
        raise BenchmarkError(f"this process has no {role}")
    return found


def forks_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def spent() -> dict[str, float]:
    """Processor time by place, once all forks of the servers have ended and been waited for."""
    deadline = time.monotonic() + 60
    while True:
        pids = {name: servers(role) for name, role in SERVERS.items()}
        every = {pid for own in pids.values() for pid in own}
        if not any(set(forks_of(pid)) - every for pid in every):
            break
        if time.monotonic() > deadline:
            raise BenchmarkError("a fork of a warm process does not end")
        time.sleep(0.02)
    places = {"this process": time.process_time()}
    for name, own in pids.items():
        # After the command in parentheses: state is field 3, utime to cstime are 14 to 17.
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in own]
        columns = zip(*(map(int, fields[11:15]) for fields in stats), strict=True)
        user, system, childrens_user, childrens_system = map(sum, columns)
        places[f"{name} server"] = (user + system) / TICK
        places[f"{name} forks, user"] = childrens_user / TICK
        places[f"{name} forks, kernel"] = childrens_system / TICK
    return places


# the table


def table(measured: Measured, jobs: int) -> str:
    """What was measured, a line for each way, the ratios, and where the time goes."""
    large, fresh, warm = map(total, (measured.large, measured.fresh, measured.warm))
    marginal = beyond(large, measured.small)
    floor, again = map(statistics.mean, (measured.floor, measured.again))
    ways = {
        f"pytest, a fresh process each, {jobs} at a time": fresh,
        f"grader grade --jobs {jobs}, start-up included": large,
        f"grader grade --jobs {jobs}, start-up taken off": marginal,
        f"the warm engine alone, {jobs} at a time": warm,
    }
    lines = [line("", "a minute", "× fresh", "wall s", "CPU s each", "less by ×", "CPU / floor")]
    for name, cost in ways.items():
        lines.append(
            line(
                f"{name} ({cost.submissions})",
                f"{cost.a_minute:.1f}",
                f"{cost.a_minute / fresh.a_minute:.1f}",
                f"{cost.wall:.2f}",
                f"{cost.cpu_each:.3f}",
                f"{fresh.cpu_each / cost.cpu_each:.1f}",
                f"{cost.cpu_each / floor:.2f}",
            )
        )
    lines.append(line("the solutions' functions alone: the floor", "", "", "", f"{floor:.3f}"))
    once_more = ("  again and again in one process", "", "", "", f"{again:.3f}", "")
    lines.append(line(*once_more, f"{again / floor:.2f}"))
    return "\n".join([*lines, "", *breakdown(warm, floor)])


def breakdown(warm: Cost, floor: float) -> list[str]:
    """Lines that say which process of the warm engine uses how much."""
    lines = [line("where the warm engine's CPU goes", "s each", "share", "/ floor")]
    for name, seconds in warm.places.items():
        each = seconds / warm.submissions
        lines.append(
            line(f"  {name}", f"{each:.3f}", f"{seconds / warm.cpu:.0%}", f"{each / floor:.2f}")
        )
    return lines


if __name__ == "__main__":
    main()
