"""A check and how it ended: the records that go from the run of a check to every report."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

from grader import untrusted

DIAGNOSED = ("failed", "error")  # outcomes behind which a known mistake may be
SETTLED = ("passed", "todo")  # outcomes that say the same whatever other checks there are
_LONGEST_MESSAGE = 20_000  # characters; the course's longest question takes far fewer


@dataclass(frozen=True)
class Check:
    """One test function. `id` is unique in the course: `losses/test_l1_loss_is_torchs`."""

    id: str
    exercise: str
    function: str
    title: str
    points: float
    hidden: bool


@dataclass(frozen=True)
class Frame:
    """A line of the student's own that ran when an exception came, or that says why.

    `column` is where in the text Python stopped reading, from 1 on; 0 where that is not known.
    """

    file: str
    line: int
    function: str
    text: str
    column: int = 0

    def __str__(self) -> str:
        return untrusted.line(f"  {self.file}, line {self.line}: {self.text}")


@dataclass(frozen=True)
class Element:
    """One element of two tensors, with its value in both as text."""

    index: tuple[int, ...]
    expected: str
    got: str


@dataclass(frozen=True)
class Apart:
    """Where two tensors of one shape and dtype differ.

    `positions` are those of all elements that differ, row by row, where the tensors are written
    out; () where they are too large. `some` are a few of these elements, the worst among them.
    """

    shape: tuple[int, ...]
    count: int
    worst: Element
    some: tuple[Element, ...]
    positions: tuple[int, ...] = ()

    @property
    def total(self) -> int:
        """How many elements there are."""
        return math.prod(self.shape)

    def __str__(self) -> str:
        index = ", ".join(map(str, self.worst.index))
        return f"worst at [{index}]: expected {self.worst.expected}, got {self.worst.got}"


@dataclass(frozen=True)
class Contrast:
    """What was expected and what came, as texts; `place` says of which part, "" of the result.

    `shape` and `dtype` hold what was expected and what came where these differ.
    """

    expected: str
    got: str
    notes: tuple[str, ...] = ()
    place: str = ""
    shape: tuple[str, str] | None = None
    dtype: tuple[str, str] | None = None
    apart: Apart | None = None

    @property
    def all_notes(self) -> tuple[str, ...]:
        """What there is to say beside the two texts."""
        said = [
            f"{what} {pair[0]} is expected, {pair[1]} came"
            for what, pair in (("shape", self.shape), ("dtype", self.dtype))
            if pair is not None
        ]
        if self.apart is not None and self.apart.total > 1:
            said.append(str(self.apart))
        return (*said, *self.notes)

    def lines(self) -> list[str]:
        heading = [f"{self.place}:"] if self.place else []
        both = [f"expected  {self.expected}", f"got       {self.got}"]
        return [*heading, *both, *self.all_notes]


@dataclass(frozen=True)
class Problem:
    """Why a check is not passed.

    `said` is a sentence, where nothing was compared; `call` what was done, as Python that runs.
    `numbers` is how many numbers the input holds that shows it. `of_file` where the exercise's
    file could not be imported: it is the same for every check then. `needs` names what is to be
    written first, where a function that is written needs another; `inferred` where the exception of
    that one was not what came, but something made of it.
    """

    outcome: str
    said: str = ""
    numbers: int = 0
    call: str = ""
    contrast: Contrast | None = None
    frames: tuple[Frame, ...] = ()
    notes: tuple[str, ...] = ()
    of_file: bool = False
    needs: str = ""
    inferred: bool = False

    @cached_property
    def message(self) -> str:
        """All of it in words for the student, a line each; nothing but line ends is unprintable."""
        contrast = [] if self.contrast is None else self.contrast.lines()
        parts = [self.said, self.call, *contrast, *map(str, self.frames), *self.notes]
        return untrusted.text("\n".join(filter(None, parts)), _LONGEST_MESSAGE)


@dataclass(frozen=True)
class Result:
    """How one check ended, as the report of its test carries it (`report.grader_result`).

    `outcome` is passed, failed, todo (a stub's NotImplementedError), error (an exception), timeout,
    crashed (the process died) or forbidden; only passed earns points. `seconds` are of wall time.
    `misconception` names the known mistake that explains the failure, and `hint` says what to do.
    `problem` is what `message` was assembled from, where the check ran in this process.
    """

    check: Check
    outcome: str
    message: str | None
    seconds: float
    hint: str | None = None
    misconception: str | None = None
    problem: Problem | None = field(default=None, compare=False, repr=False)
