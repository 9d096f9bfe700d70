"""From save to verdict in `grader watch`, against a fresh `pytest` run of the same checks.

    uv run python benchmarks/watch.py [--saves N] [--fresh M] [--exercise losses] [--function NAME]

A student's folder with the course's solutions; the function is saved N times, each time with
another comment, by renaming a finished file into place as editors do. The clock runs from before
the rename until `grader watch`, started as the command it is, has written its verdict. Between
saves, in the same run, `pytest exercises/test_NAME.py` with the same checks is started M times.
Processor time is that of all processes: watch, the warm one and its forks. Linux only.
"""

from __future__ import annotations

import argparse
import os
import queue
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from grader.course import Course, load_course
from grader.student.public import public_checks

ROOT = Path(__file__).parent.parent
TARGET_SECONDS = 0.5
_PATIENCE = 120.0


class Watched:
    """`grader watch` on a function, its standard input and output pipes."""

    def __init__(self, root: Path, function: str) -> None:
        self._done = f"{function} is done"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "grader.cli", "watch", function],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def verdict(self) -> None:
        """Wait until the function is said to be done."""
        deadline = time.monotonic() + _PATIENCE
        while not self._lines.get(timeout=deadline - time.monotonic()).startswith(self._done):
            pass

    def cpu(self) -> float:
        """Processor seconds so far of the command, the warm process and its forks that ended."""
        tick = os.sysconf("SC_CLK_TCK")
        processes = [self._process.pid, *children_of(self._process.pid)]
        times = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2] for one in processes]
        return sum(sum(map(int, line.split()[11:15])) for line in times) / tick

    def quit(self) -> None:
        self._process.communicate("q\n", timeout=_PATIENCE)


def children_of(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task")
    return [int(one) for task in tasks.iterdir() for one in (task / "children").read_text().split()]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--fresh", type=int, default=5)
    parser.add_argument("--exercise", default="losses")
    parser.add_argument("--function")
    options = parser.parse_args()
    course = load_course(ROOT)
    function = options.function or course.exercise(options.exercise).functions[0]
    with tempfile.TemporaryDirectory() as folder:
        root = solved(course, Path(folder))
        file = root / "exercises" / f"{options.exercise}.py"
        show(*measure(root, file, course, function, options.saves, options.fresh), function)


def solved(course: Course, root: Path) -> Path:
    shutil.copytree(course.stubs, root / "exercises")
    shutil.copyfile(course.root / "course.toml", root / "course.toml")
    for exercise in course.exercises:
        shutil.copyfile(
            course.solutions / exercise.file_name, root / "exercises" / exercise.file_name
        )
    return root


Seconds = tuple[float, float]  # by the clock, of a processor


def measure(
    root: Path, file: Path, course: Course, function: str, saves: int, fresh: int
) -> tuple[list[Seconds], list[Seconds]]:
    """Every save's seconds and every fresh run's, in turns: a shared machine drifts."""
    source = file.read_text(encoding="utf-8")
    checks = public_checks(course, course.exercise(file.stem))
    names = [check.id.partition("/")[2] for check in checks if check.function == function]
    watched = Watched(root, function)
    watched.verdict()
    save(file, f"{source}# warm\n")  # the first run warms up beside itself
    watched.verdict()
    warm, cold = [], []
    for number in range(saves):
        before, cpu = time.perf_counter(), watched.cpu()
        save(file, f"{source}# save {number}\n")
        watched.verdict()
        seconds = time.perf_counter() - before
        if number:  # a fork's time is counted when the next one comes
            warm.append((seconds, watched.cpu() - cpu))
        if number * fresh // saves != (number + 1) * fresh // saves:
            cold.append(fresh_run(root, file.stem, names))
    watched.quit()
    return warm, cold


def save(file: Path, text: str) -> None:
    """As editors do: whole, under another name, then renamed."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)


def fresh_run(root: Path, exercise: str, names: list[str]) -> Seconds:
    command = [sys.executable, "-m", "pytest", "-q", f"exercises/test_{exercise}.py"]
    before, used = time.perf_counter(), _children_cpu()
    done = subprocess.run(
        [*command, "-k", " or ".join(names)], cwd=root, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return time.perf_counter() - before, _children_cpu() - used


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(warm: list[Seconds], cold: list[Seconds], function: str) -> None:
    print(f"{function}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':24}{'median':>9}{'slowest':>9}{'CPU':>9}   seconds")
    medians = []
    for name, times in ((f"{len(warm)} saves in watch", warm), (f"{len(cold)} fresh runs", cold)):
        wall, cpu = zip(*times, strict=True)
        medians.append((statistics.median(wall), statistics.median(cpu)))
        print(f"{name:24}{medians[-1][0]:9.2f}{max(wall):9.2f}{medians[-1][1]:9.2f}")
    wall_ratio, cpu_ratio = (
        cold_one / warm_one for warm_one, cold_one in zip(*medians, strict=True)
    )
    print(f"a fresh run takes {wall_ratio:.1f} times as long, {cpu_ratio:.1f} times the processor")
    met = "met" if medians[0][0] < TARGET_SECONDS else "missed"
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)
    of_others = "; this machine has other work: go by the ratios" if busy else ""
    print(f"target: a median under {TARGET_SECONDS} s: {met}{of_others}")


if __name__ == "__main__":
    main()
