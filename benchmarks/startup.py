"""What `pytest exercises` costs before a check of a student's runs, held against `import torch`.

Commands of one line, each a process of its own, in turns within one run: a shared machine's speed
drifts, so compare the ratios, never the seconds of two runs. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.course import load_course
from grader.handout.making import make_handout

ROOT = Path(__file__).resolve().parent.parent
FLOOR = "import torch"
LONGEST = 300  # seconds of one process: the last resort against something that hangs
COMMANDS = {
    FLOOR: ["-c", "import torch"],
    "import torch, hypothesis, pytest": ["-c", "import torch, hypothesis, pytest"],
    "pytest --version": ["-m", "pytest", "--version"],
    "pytest exercises -k nothing_matches": ["-m", "pytest", "exercises", "-k", "nothing_matches"],
    "  with all check files imported": [
        *["-m", "pytest", "exercises", "-k", "nothing_matches"],
        *["-p", "no:grader-collecting"],
    ],
    "pytest exercises -k l1_loss": ["-m", "pytest", "exercises", "-k", "l1_loss"],
    "pytest exercises": ["-m", "pytest", "exercises"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    rounds = parser.parse_args().rounds
    if rounds < 1:
        parser.error("at least one round")
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory(prefix="startup-") as folder:
        course = Path(folder) / "course"
        make_handout(load_course(ROOT), course)
        for number in range(rounds + 1):
            for name, command in COMMANDS.items():
                used = cost(command, course)
                if number:  # the first round writes bytecode and fills the disk's cache
                    spent[name].append(used)
    print(table(spent))


def cost(command: list[str], course: Path) -> tuple[float, float]:
    """Wall and processor seconds of Python with these arguments, as a student in the course."""
    ours = ("PYTEST_", "COV_", "HYPOTHESIS_", "PYTHON")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(ours)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=course,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1, 5):  # all right, some to be written, none selected
        sys.exit(f"startup: python {' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(spent: dict[str, list[tuple[float, float]]]) -> str:
    """Medians in seconds, and the median of each round's ratio to the floor of that round."""
    lines = [f"{'':<38}{'wall':>7}{'ratio':>7}{'CPU':>9}{'ratio':>7}"]
    for name, costs in spent.items():
        cells = []
        for which in (0, 1):
            seconds = [used[which] for used in costs]
            ratios = [
                used[which] / one[which] for used, one in zip(costs, spent[FLOOR], strict=True)
            ]
            cells.append(f"{statistics.median(seconds):.2f} s {statistics.median(ratios):5.2f}")
        lines.append(f"{name:<36}  {cells[0]:>14}  {cells[1]:>14}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
