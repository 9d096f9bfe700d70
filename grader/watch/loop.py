"""The loop of `grader watch`: a save or a key starts a run, what it gave is shown, and so on."""

from __future__ import annotations

import contextlib
import queue
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.course import MANIFEST, Course, CourseError, load_course
from grader.outcome import Result
from grader.student.hinting import advice, shown_advice
from grader.student.listing import listing
from grader.student.printing import can_show, width
from grader.student.progress import Progress
from grader.student.written import Written
from grader.watch.asking import Scope
from grader.watch.keys import END, Key, Resumed, keyboard
from grader.watch.place import Place, Standings, first_place, is_to_run, place_after
from grader.watch.runner import FORKS, Runner, Told
from grader.watch.runs import Run
from grader.watch.saves import Saved, Saves
from grader.watch.screen import Screen
from grader.watch.verdict import course_verdict, function_verdict

_TICK_SECONDS = 0.25  # the line of a run that goes on; Windows hears no signal while it waits
_GRACE_SECONDS = 15.0  # a run whose own clock is out of order is ended so much later
_LAST_WORDS_SECONDS = 2.0  # for a run that was interrupted to say where it was
_STARTING = "starting: importing torch takes some seconds"
_QUIT, _INTERRUPTED, _TERMINATED = 0, 130, 143


@dataclass(frozen=True)
class Interrupted:
    """Ctrl-C."""


@dataclass(frozen=True)
class Terminated:
    """Another process asks this one to end, or its terminal is gone."""


def watch(course: Course, exercise: str, function: str | None, forks: bool = FORKS) -> int:
    """Watch an exercise until the student quits; the exit status."""
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    with _signals(events), keyboard(events) as single_keys, Saves(course, events):
        screen = Screen(single_keys=single_keys)
        with contextlib.closing(screen), Runner(course, events, screen.encoding, forks) as runner:
            return Watch(course, exercise, function, screen, runner, events).go_on()


@contextmanager
def _signals(events: queue.SimpleQueue[Any]) -> Iterator[None]:
    """Signals are events like others: none breaks into what is being done."""
    meant: dict[int, Any] = {signal.SIGINT: Interrupted(), signal.SIGTERM: Terminated()}
    if hasattr(signal, "SIGHUP"):
        meant[signal.SIGHUP] = Terminated()
    before = {
        number: signal.signal(number, lambda number, _: events.put(meant[number]))
        for number in meant
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Watch:
    """Where the student is, the run that goes on, and what each event does."""

    def __init__(
        self,
        course: Course,
        exercise: str,
        function: str | None,
        screen: Screen,
        runner: Runner,
        events: queue.SimpleQueue[Any],
    ) -> None:
        self._course = course
        self._screen = screen
        self._runner = runner
        self._events = events
        one = Standings(course).of(exercise)
        self._place = Place(exercise, function) if function else first_place(one)
        # What was written beforehand is run once, before a function is chosen.
        self._is_choosing = function is None and is_to_run(one)
        self._ends_when_idle = False
        self._status: int | None = None

    def go_on(self) -> int:
        """Until the student quits."""
        self._screen.going_on(_STARTING)
        self._check(Scope(self._place.exercise) if self._is_choosing else self._place.scope)
        while self._status is None:
            try:
                event = self._events.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                self._tick()
            else:
                self._take(event)
        return self._status

    def _take(self, event: object) -> None:
        match event:
            case Told():
                if self._runner.hear(event):
                    self._show()
                elif self._run:
                    self._show_going_on()
            case Saved(files):
                self._saved(files)
            case Key(letter):
                self._press(letter)
            case Interrupted():
                if self._run is None:
                    self._status = _INTERRUPTED
                elif not self._runner.interrupt():
                    self._end_run("ended")
            case Resumed():
                self._screen.keys()
            case Terminated():
                self._status = _TERMINATED

    @property
    def _run(self) -> Run | None:
        """The run that goes on."""
        run = self._runner.run
        return run if run is not None and not run.is_over else None

    # saves and keys

    def _saved(self, files: frozenset[str]) -> None:
        if str(Path(self._course.root, MANIFEST)) in files:
            # Where it is not as it should be, the run says what is wrong.
            with contextlib.suppress(CourseError):
                self._course = self._runner.course = load_course(self._course.root)
        if self._runner.holds(sorted(files)):
            self._runner.stop()
            self._runner.forget()
        self._check(self._place.scope)

    def _press(self, letter: str) -> None:
        actions: dict[str, Callable[[], None]] = {
            "n": self._next,
            "h": self._hint,
            "l": self._list,
            "c": lambda: self._check(Scope()),
            "r": lambda: self._check(self._place.scope),
            "q": self._quit,
            END: self._no_more_keys,
        }
        if letter in actions:
            actions[letter]()

    def _next(self) -> None:
        after = place_after(Standings(self._course), self._place)
        if after is None:
            self._say("there is no other function to write")
            return
        self._place = after
        self._check(after.scope)

    def _hint(self) -> None:
        try:
            found = advice(self._course, f"{self._place.exercise}.{self._place.function}")
            self._say("", shown_advice(found, width()), "")
        except CourseError as error:
            self._say(str(error))
        except OSError as error:
            self._say(f"{error.filename}: {error.strerror}")

    def _list(self) -> None:
        self._screen.clear()
        self._say(listing(self._course, None, width(), self._is_ascii), "")

    def _quit(self) -> None:
        self._status = _QUIT

    def _no_more_keys(self) -> None:
        """Nobody can quit any more: what was asked for is shown, then this ends."""
        self._ends_when_idle = True
        if self._run is None:
            self._status = _QUIT

    # runs

    def _check(self, scope: Scope) -> None:
        colour = "yes" if self._screen.has_colour else "no"
        quiet = "-q" if scope.function is None else "-qq"  # what it leaves out is said below
        arguments = [quiet, "--no-header", f"--color={colour}"]
        self._runner.start(scope, arguments, self._screen.columns)
        self._show_going_on()

    def _end_run(self, how: str) -> None:
        assert self._run is not None
        text = f"{self._run.scope}: the run was {how}"
        self._runner.stop()
        self._say(text)
        self._runner.warm_up(self._place.exercise)

    def _tick(self) -> None:
        run = self._run
        if run is None:
            return
        now = time.monotonic()
        if run.interrupted is not None and now - run.interrupted > _LAST_WORDS_SECONDS:
            self._end_run("ended")
        elif run.running is not None and run.news is not None:
            if now - run.news > self._runner.seconds + _GRACE_SECONDS:
                self._end_run("ended: it gave no sign of life")
        self._show_going_on()

    # what is shown

    def _show(self) -> None:
        """The run that is over: its output, then where the student stands."""
        run = self._runner.run
        assert run is not None
        self._screen.clear()
        self._screen.output(run.text())
        if run.is_lost:
            self._screen.say(*self._lost(run), "")
        elif run.interrupted is not None:
            self._screen.say(f"{run.scope}: the run was ended", "")
        elif run.checks == 0:
            self._screen.say(f"{run.scope}: there is no public check of it", "")
        standings = Standings(self._course)
        if self._is_choosing:
            self._is_choosing = False
            self._place = first_place(standings.of(self._place.exercise))
        says_next = not run.is_lost and run.checks != 0
        if run.scope.exercise is None:
            self._screen.say(*course_verdict(standings, says_next))
        else:
            lines = function_verdict(standings, self._place, says_next, self._is_ascii)
            self._screen.say(*lines)
        self._screen.keys()
        if self._ends_when_idle:
            self._status = _QUIT

    def _lost(self, run: Run) -> list[str]:
        """Say why a run did not come to its end, and keep it as the outcome of its check."""
        if run.process is None:
            return ["the checks could not be started:", *self._runner.log().splitlines()[-12:]]
        outcome, why = run.loss(self._course, self._runner.seconds)
        if run.running is None:
            return [f"{run.scope}: {why}"]
        check = run.running
        written = Written.read(self._course, self._course.exercise(check.exercise))
        progress = Progress.read(self._course)
        lost = Result(check, outcome, why, 0.0)
        progress.add([*run.results, lost], {check.exercise: written})
        try:
            progress.write()
        except OSError as error:
            why += f"\nyour progress could not be kept: {progress.file}: {error.strerror}"
        left = (run.checks or 0) - len(run.results) - 1
        after = [f"checks that come after it, and were not run: {left}"] if left > 0 else []
        return [check.title, *f"{check.function}: {why}".splitlines(), *after]

    def _say(self, *lines: Any) -> None:
        self._screen.say(*lines)
        if self._run:
            self._show_going_on()
        else:
            self._screen.keys()

    def _show_going_on(self) -> None:
        run = self._run
        if run is None:
            return
        seconds = int(time.monotonic() - run.began)
        if run.process is None:
            if seconds:
                self._screen.going_on(_STARTING)
            return
        text = f"checking {run.scope}"
        if run.checks and seconds:
            text += f"  {min(len(run.results) + 1, run.checks)}/{run.checks}"
        if seconds:
            text += f"  {seconds} s   a save, a key or Ctrl-C ends it"
            # Without forks another process must be ready for when it is ended.
            self._runner.warm_up(self._place.exercise)
        self._screen.going_on(text)

    @property
    def _is_ascii(self) -> bool:
        return not can_show("█░", self._screen.encoding)
