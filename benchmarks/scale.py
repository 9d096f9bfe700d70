"""Whether a class of 3,000 is graded like one of 100: in proportion, and in the same memory.

    uv run python benchmarks/scale.py [--sizes N ...] [--jobs J] [--no-twin]

Classes of small submissions of one exercise are graded by `grader grade`: right, wrong, unfinished,
broken and damaged ones by turns. A class of ten goes before and after: it says what the start is.
Then the report and every export are written again from the largest gradebook, and that class is
graded once more by a run that is killed when half of it is graded, and by the same command again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import resource
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scale_class import EXERCISE, KINDS, REJECTED, make_class, make_course, make_rosters

from grader.sandbox.greeting import EXAMINER, SANDBOXES

ROOT = Path(__file__).resolve().parent.parent
SIZES = (100, 300, 1000, 3000)
START = 4 * len(KINDS)  # submissions: by then all is done that a run does once, however large it is
SERVERS = {"examiner": EXAMINER, "sandboxes": SANDBOXES}
ROSTERED = ("csv", "canvas", "moodle")
OF_ONE = ("gradescope", "github", "exercism")  # a file a submission
OTHERS = ("junit", "markdown", "json")
GRADED = re.compile(r"\[\d+/\d+\] (?P<id>\S+): (?P<how>.*)")
BEFORE = "(graded before)"
LOOKS = 20  # how often the processes of a run are looked at: by progress, not by time
LAST_SECONDS = 60
# The command itself, which says at its very end how much memory it took at most.
COMMAND = """
import atexit, sys
from grader.cli import main
peak = sys.argv.pop(1)
def tell():
    with open("/proc/self/status") as status, open(peak, "w") as file:
        file.writelines(line for line in status if line.startswith("VmHWM"))
atexit.register(tell)
main()
"""


class BenchmarkError(Exception):
    """The grader did not do what is measured."""


@dataclass
class Run:
    """One `grader` command: what it cost in seconds, and what its processes held at most."""

    size: int
    wall: float = 0.0
    cpu: float = 0.0  # of all its processes
    memory: dict[str, float] = field(default_factory=dict)  # MiB at most, by process
    descriptors: int = 0  # of its three processes together
    said: list[tuple[float, str]] = field(default_factory=list)  # lines, and when they came

    def when(self, beginning: str) -> float:
        """When the first line that begins so came, in seconds after the start."""
        for seconds, line in self.said:
            if line.startswith(beginning):
                return seconds
        raise BenchmarkError(f"no line begins with {beginning!r}:\n{self.said[-5:]}")


def main() -> None:
    """Measure, and print one table after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="J", help="submissions at a time")
    parser.add_argument("--no-twin", action="store_true", help="without the run that is killed")
    options = parser.parse_args()
    sizes = sorted(options.sizes)
    if any(size % len(KINDS) or size < 2 * START for size in sizes) or options.jobs < 1:
        parser.error(f"sizes are multiples of {len(KINDS)}, from {2 * START}")
    try:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            measure(Path(folder), sizes, options.jobs, twin=not options.no_twin)
    except BenchmarkError as error:
        sys.exit(f"scale: {error}")


def measure(folder: Path, sizes: Sequence[int], jobs: int, *, twin: bool) -> None:
    """Everything, in the folder; each table is printed when it is known."""
    course = make_course(folder / "course")
    for size in {START, *sizes}:
        make_class(folder / f"class-{size}", size)
    grade(folder, course, START, jobs, "unmeasured")  # the first run of a course records its checks
    starts, runs = [grade(folder, course, START, jobs, "first")], []
    print(line("submissions", *COLUMNS), flush=True)
    for size in sizes:
        runs.append(grade(folder, course, size, jobs))
        print(row(runs[-1], starts[0], folder / f"out-{size}"), flush=True)
    starts.append(grade(folder, course, START, jobs, "last"))
    for start, name in zip(starts, ("first", "last"), strict=True):
        print(row(start, None, folder / f"out-{name}"))
    print("\n" + "\n".join(verdicts(runs, starts)))
    largest = sizes[-1]
    print("\n" + "\n".join(written(folder, course, largest)), flush=True)
    if twin:
        print("\n" + "\n".join(interrupted(folder, course, largest, jobs)))


# runs


def command(folder: Path, course: Path, size: int, jobs: int, out: Path) -> list[str]:
    places = [folder / f"class-{size}", "--course", course, "--out", out, "--seed", 7]
    how = ["--only", EXERCISE, "--jobs", jobs, "--json", out / "run.json"]
    return grader(out / "peak", "grade", *places, *how)


def grader(peak: Path, *arguments: object) -> list[str]:
    return [sys.executable, "-P", "-c", COMMAND, str(peak), *map(str, arguments)]


def grade(folder: Path, course: Path, size: int, jobs: int, name: str | None = None) -> Run:
    """`grader grade` on a class, from its start to its end."""
    out = folder / f"out-{name or size}"
    out.mkdir()
    run = finished(command(folder, course, size, jobs, out), size, out / "peak", status=1)
    graded = json.loads((out / "run.json").read_bytes())["submissions"]
    rejected = sum(each["status"] == "rejected" for each in graded)
    if (len(graded), rejected) != (size, size * REJECTED // len(KINDS)):
        raise BenchmarkError(f"of {size} submissions {len(graded)}, {rejected} of them rejected")
    return run


def finished(command: Sequence[str], size: int, peak: Path, status: int = 0) -> Run:
    """A command run to its end; what it says is read as it comes."""
    run = Run(size)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with start(command) as process:
        assert process.stdout is not None
        for text in process.stdout:
            run.said.append((time.monotonic() - began, text.rstrip()))
            if GRADED.match(text) and len(run.said) % max(1, size // LOOKS) == 0:
                look(process.pid, run)
    run.wall = time.monotonic() - began
    if process.returncode != status:
        said = "\n".join(text for _, text in run.said[-20:])
        raise BenchmarkError(f"{command} ended with {process.returncode}:\n{said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    run.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    run.memory["grader"] = mebibytes(peak.read_text())
    return run


def start(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def look(pid: int, run: Run) -> None:
    """Note what a run's warm pair has had of memory so far, and what all three have open."""
    descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    for child in [of for origin in children(pid) for of in children(origin)]:
        with contextlib.suppress(OSError, BenchmarkError):  # it may have ended, or be ending
            said = Path(f"/proc/{child}/comm").read_text().strip()
            for name, role in SERVERS.items():
                if role == said:
                    status = Path(f"/proc/{child}/status").read_text()
                    run.memory[name] = max(run.memory.get(name, 0.0), mebibytes(status))
                    descriptors += len(list(Path(f"/proc/{child}/fd").iterdir()))
    run.descriptors = max(run.descriptors, descriptors)


def children(pid: int) -> list[int]:
    """The processes that this one's threads have started, and that are still there."""
    found: list[int] = []
    with contextlib.suppress(OSError):  # it may have ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def mebibytes(status: str) -> float:
    """The most memory that was resident, of /proc/PID/status."""
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        raise BenchmarkError(f"no memory is told: {status!r}")
    return int(found[1]) / 1024


# the table of runs

COLUMNS = (
    *("wall s", "CPU s", "ms each", "CPU ms each"),
    *("grader MiB", "examiner", "sandboxes", "open files"),
    *("report s", "feedback s", "book MiB", "JSON MiB", "report MiB"),
)


def row(run: Run, start: Run | None, out: Path) -> str:
    """A run in the table; `start` is a small one, beyond which submissions are counted."""
    each = [f"{1000 * seconds:.1f}" for seconds in beyond(run, start)] if start else ["", ""]
    summary, report = run.when(f"{run.size} submissions in"), run.when("The report is")
    return line(
        run.size,
        *(f"{run.wall:.1f}", f"{run.cpu:.1f}", *each),
        *(f"{run.memory[name]:.1f}" for name in ("grader", *SERVERS)),
        run.descriptors,
        *(f"{report - summary:.2f}", f"{run.when('Feedback for') - report:.2f}"),
        *(f"{size_of(out / name):.2f}" for name in ("gradebook.db", "run.json", "report")),
    )


def beyond(run: Run, start: Run) -> tuple[float, float]:
    """Seconds by the clock and of processors that each submission of a run costs beyond a start."""
    more = run.size - start.size
    return (run.wall - start.wall) / more, (run.cpu - start.cpu) / more


def verdicts(runs: Sequence[Run], starts: Sequence[Run]) -> list[str]:
    """How far runs are from a straight line, and the memory of the largest beside the smallest's.

    The line goes from the mean of the two small runs to the largest.
    """
    start = Run(starts[0].size, *(sum(getattr(s, n) for s in starts) / 2 for n in ("wall", "cpu")))
    wall, cpu = beyond(runs[-1], start)
    told = [f"beside a straight line from {start.size} to {runs[-1].size} submissions:"]
    for run in runs[:-1]:
        more = run.size - start.size
        by_line = run.cpu / (start.cpu + more * cpu), run.wall / (start.wall + more * wall)
        told.append(f"  {run.size:<6} CPU × {by_line[0]:.3f}   wall × {by_line[1]:.3f}")
    told.append(f"from {runs[0].size} to {runs[-1].size}:")
    for name in ("grader", *SERVERS):
        most, least = runs[-1].memory[name], runs[0].memory[name]
        told.append(f"  memory of the {name:<14} × {most / least:.3f}")
    return [*told, f"  open files {runs[0].descriptors} to {runs[-1].descriptors}"]


def size_of(path: Path) -> float:
    """MiB of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 2**20


def line(first: object, *cells: object) -> str:
    return f"{first:<16}" + "".join(f"{cell:>12}" for cell in cells)


# the report and the exports again


def written(folder: Path, course: Path, size: int) -> list[str]:
    """What each command costs that writes from the gradebook."""
    out, targets = folder / f"out-{size}", folder / "exports"
    roster, worksheet = make_rosters(targets, size)
    given = dict.fromkeys(ROSTERED, ("--roster", roster))
    given["moodle-worksheet"] = ("--roster", worksheet)
    told = [line(f"of {size}", "wall s", "CPU s", "MiB")]
    for name in ("report", *given, *OF_ONE, *OTHERS):
        target = targets / name
        what = ["report"]
        if name != "report":
            what = ["export", name, *map(str, given.get(name, ())), "--to", str(target)]
        whole = grader(targets / "peak", *what, "--out", out, "--course", course)
        run = finished(whole, size, targets / "peak")
        told.append(line(name, f"{run.wall:.2f}", f"{run.cpu:.2f}", f"{run.memory['grader']:.1f}"))
        if name == "report":
            told.append(line("  of it feedback", f"{run.wall - run.when('The report of'):.2f}"))
    return told


# the interrupted twin


def interrupted(folder: Path, course: Path, size: int, jobs: int) -> list[str]:
    """A run that is killed when half of the class is graded, and the same command again."""
    out = folder / "out-twin"
    out.mkdir()
    again = command(folder, course, size, jobs, out)
    known = killed(again, size // 2)
    run = finished(again, size, out / "peak", status=1)
    passed, resumed = 0.0, 0
    for seconds, text in run.said:
        found = GRADED.match(text)
        if found and found["id"] in known:
            passed = seconds
            resumed += found["how"].endswith(BEFORE) or found["how"].startswith("rejected")
    if resumed != len(known):
        raise BenchmarkError(f"of {len(known)} that were graded only {resumed} were taken over")
    expected = json.loads((folder / f"out-{size}" / "run.json").read_bytes())
    if without_seconds(json.loads((out / "run.json").read_bytes())) != without_seconds(expected):
        raise BenchmarkError("the resumed run and the undisturbed one differ")
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as book:
        asked = "SELECT count(*), count(DISTINCT submission_id) FROM "
        counts = [book.execute(asked + name).fetchone() for name in ("gradings", "exercise_grades")]
    if any(made != distinct for made, distinct in counts) or counts[0][0] != size:
        raise BenchmarkError(f"something was graded twice, or not: {counts}")
    return [
        f"killed with {len(known)} of {size} graded; the same command again:",
        f"  {passed:.2f} s from its start until it had passed them",
        f"  {run.wall:.1f} s until its end; nothing was graded twice, and the JSON is the same",
    ]


def killed(command: Sequence[str], graded: int) -> set[str]:
    """Kill a run when so many are graded; their ids. Its processes end by themselves."""
    known: set[str] = set()
    with start(command) as process:
        assert process.stdout is not None
        for text in process.stdout:
            if found := GRADED.match(text):
                known.add(found["id"])
            if len(known) == graded:
                break
        left = [os.pidfd_open(child) for child in children(process.pid)]
        process.send_signal(signal.SIGKILL)
        for text in process.stdout:  # what it said before it was killed counts as well
            if found := GRADED.match(text):
                known.add(found["id"])
    for child in left:
        if not select.select([child], [], [], LAST_SECONDS)[0]:
            raise BenchmarkError("a process of the killed run does not end")
        os.close(child)
    return known


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
