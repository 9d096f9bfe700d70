"""What the trust boundary costs: processor time of a sandbox's life, an exercise of a submission.

A sandbox is forked, confined, imports an exercise of the solutions and is closed, as the examiner
does it, and then again by a server that confines nothing. Each row says where the time goes, in
milliseconds of processor time on both sides: of the warm server, of its fork and of the client.

The two servers take turns within one run, since a shared machine's speed drifts; each cell is the
median of the rounds. Nothing is asserted about time. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from measuring import descendants

from grader.course import Course, Exercise, load_course
from grader.examiner.engine import EngineSettings, sandbox_settings
from grader.examiner.pair import Pair
from grader.examiner.rules import shared_names
from grader.examiner.warmth import Warmth, warmth_of
from grader.sandbox.client import Clock, Purse, Sandbox
from grader.sandbox.greeting import SANDBOXES, heard
from grader.sandbox.watch import Room

ROOT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
LEVELS = ("strict", "off")
ROWS = ("fork", "enter and confine", "import", "close")
ALLOWED = 40  # ms an exercise
FEW = 22  # submissions, after which servers have settled, and branches of them are there
GENEROUS = Clock(60.0, 60.0, 60.0)

Costs = dict[str, float]  # ms by row


@dataclass
class Server:
    """A warm sandbox server, those forked from it, and the socket that asks them for forks."""

    pid: int
    control: socket.socket
    warmth: Warmth
    pids: tuple[int, ...] = ()

    def find(self) -> None:
        """Find the processes that are servers now: there are more once many forks were asked for.

        No fork of theirs may run meanwhile.
        """
        self.pids = (self.pid, *descendants(self.pid))

    def own(self) -> float:
        """Processor time of the servers themselves, in ms."""
        return sum(map(process_ms, self.pids))

    def forks(self) -> float:
        """Processor time of all forks that have ended, in ms; exact to a tick of the kernel."""
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2] for pid in self.pids]
        fields = [stat.split() for stat in stats]
        return 1000 * sum(int(field[13]) + int(field[14]) for field in fields) / TICK


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=7, metavar="N")
    parser.add_argument("--times", type=int, default=3, metavar="M", help="course a round")
    options = parser.parse_args()
    if options.rounds < 1 or options.times < 1:
        parser.error("at least one round, and the course once in each")
    course = load_course(ROOT)
    files = {e.file_name: (course.solutions / e.file_name).read_bytes() for e in course.exercises}
    measured: dict[str, list[Costs]] = {level: [] for level in LEVELS}
    with contextlib.ExitStack() as stack:
        servers = {level: stack.enter_context(started(course, level)) for level in LEVELS}
        for level in LEVELS:
            one_round(servers[level], course, files, FEW)  # what is done once is paid for here
            servers[level].find()
        for _ in range(options.rounds):
            for level in LEVELS:
                measured[level].append(one_round(servers[level], course, files, options.times))
    print(table(measured))


@contextlib.contextmanager
def started(course: Course, level: str) -> Iterator[Server]:
    """A sandbox server of its own, as the engine starts it."""
    with contextlib.closing(Pair()) as pair, contextlib.ExitStack() as stack:
        control, servers_end = map(stack.enter_context, seqpackets())
        server = pair.fork(SANDBOXES, [servers_end])
        servers_end.close()
        server.tell(sandbox_settings(EngineSettings(course, level=level), pair.folder))
        said = heard(server.hello) or {}
        if "layers" not in said:
            sys.exit(f"boundary: {said.get('error', 'the sandbox server ended')}")
        found = Server(server.child.pid, control, warmth_of(course))
        found.find()
        yield found


def seqpackets() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def one_round(server: Server, course: Course, files: dict[str, bytes], times: int) -> Costs:
    """Each exercise of the course some times; the mean of each row over all of them."""
    costs = dict.fromkeys(ROWS, 0.0)
    ended, in_forks = server.forks(), 0.0
    for _ in range(times):
        for exercise in course.exercises:
            in_forks += one_life(server, exercise, files, costs)
    # What the forks used between their last answer and their end.
    costs["close"] += server.forks() - ended - in_forks
    return {row: cost / (times * len(course.exercises)) for row, cost in costs.items()}


def one_life(server: Server, exercise: Exercise, files: dict[str, bytes], costs: Costs) -> float:
    """Add what one sandbox costs to the rows; what its process used while it was asked."""

    def outside() -> float:
        return server.own() + 1000 * time.process_time()

    began = outside()
    refused = shared_names(exercise.forbidden)
    own = server.warmth.refusing(server.warmth.of(exercise.name), refused)
    sandbox = Sandbox(server.control, Room(), Purse(), own)
    costs["fork"] += outside() - began
    confined = 1000 * sandbox.seconds()
    costs["enter and confine"] += confined
    began = outside()
    answer = sandbox.load(exercise.name, files, refused, GENEROUS)
    if not answer.get("loaded") or answer.get("skipped"):
        sys.exit(f"boundary: {exercise.name} cannot be imported: {answer}")
    imported = 1000 * sandbox.seconds()
    costs["import"] += imported - confined + outside() - began
    began = outside()
    sandbox.close()
    costs["close"] += outside() - began
    return imported


def process_ms(pid: int) -> float:
    return 1000 * time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3)


def table(measured: dict[str, list[Costs]]) -> str:
    """A line for each part of a sandbox's life, with and without confinement."""
    lines = [line("CPU ms an exercise, median", *LEVELS, "boundary")]
    for row in ROWS:
        cells = [statistics.median(costs[row] for costs in measured[level]) for level in LEVELS]
        lines.append(line(row, *map(shown, [*cells, cells[0] - cells[1]])))
    sums = [statistics.median(sum(costs.values()) for costs in measured[lv]) for lv in LEVELS]
    lines.append(line("in all", *map(shown, [*sums, sums[0] - sums[1]])))
    lines.append(f"(a sandbox may cost {ALLOWED} ms in all)")
    return "\n".join(lines)


def shown(milliseconds: float) -> str:
    return f"{milliseconds:.2f}"


def line(name: str, *cells: str) -> str:
    return f"{name:<28}" + "".join(f"{cell:>12}" for cell in cells)


if __name__ == "__main__":
    main()
