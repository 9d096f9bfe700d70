"""Processor time counted by part: what is inside what, and what costs nothing where it is off."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from grader import profile


@pytest.fixture
def counting() -> Iterator[profile.Profile]:
    yield profile.begin()
    profile.end()


def work(seconds: float = 0.02) -> None:
    """Keep this thread's processor busy for so long."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_what_is_inside_another_part_counts_there_alone(counting: profile.Profile) -> None:
    inner = profile.timed("inner")(work)

    @profile.timed("outer")
    def outer() -> None:
        work()
        inner()
        work()

    outer()
    assert counting.seconds() == pytest.approx({"outer": 0.04, "inner": 0.02}, abs=0.01)


def test_inside_a_whole_part_all_is_the_wholes(counting: profile.Profile) -> None:
    inner = profile.timed("inner")(work)

    @profile.timed("whole", whole=True)
    def outer() -> None:
        inner()
        profile.timed("deeper")(inner)()
        counting.add("measured otherwise", 1.0)

    outer()
    counting.add("measured otherwise", 2.0)
    expected = {"whole": 1.04, "measured otherwise": 2.0}
    assert counting.seconds() == pytest.approx(expected, abs=0.01)


def test_a_part_that_raises_is_counted_and_left(counting: profile.Profile) -> None:
    @profile.timed("broken")
    def broken() -> None:
        work()
        raise ValueError

    with pytest.raises(ValueError):
        broken()
    work()
    assert counting.seconds() == pytest.approx({"broken": 0.02}, abs=0.01)


def test_threads_have_clocks_of_their_own(counting: profile.Profile) -> None:
    @profile.timed("outer", whole=True)
    def outer() -> None:
        thread = threading.Thread(target=profile.timed("other")(work))
        thread.start()
        thread.join()

    outer()
    assert counting.seconds()["other"] == pytest.approx(0.02, abs=0.01)
    assert counting.seconds()["outer"] < 0.01


def test_what_others_tell_adds_up_and_what_grows_is_taken_once(
    counting: profile.Profile,
) -> None:
    counting.hear({"student": 1.0}, {"reference": 3.0})
    counting.hear({"student": 2.0}, {"reference": 3.5})
    counting.hear({"student": 4.0}, {"reference": 3.0})
    assert counting.heard == 3
    assert counting.seconds() == {"student": 7.0, "reference": 3.5}


def test_nothing_is_counted_where_nobody_wants_to_know() -> None:
    assert profile.current() is None
    assert profile.timed("part")(lambda number: number + 1)(2) == 3
    assert profile.current() is None
