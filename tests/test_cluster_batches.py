"""Which submissions travel together: small batches first and last, of a few seconds in between."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import ROOT
from small import write_course

from grader.cluster import ClusterError, parcel
from grader.cluster.batches import Batches, Ticket
from grader.cluster.identity import differences, identity
from grader.cluster.orders import order_of
from grader.course import load_course
from grader.digests import exercise_digest
from grader.examiner.engine import EngineSettings


def tickets(count: int, size: int = 100) -> list[Ticket]:
    return [Ticket({"files": {"losses.py": bytes(size)}}) for _ in range(count)]


def filled(count: int, seconds_each: float | None = None, size: int = 100) -> Batches:
    """Batches with `count` submissions to send, that take so long each as far as is known."""
    batches = Batches()
    for ticket in tickets(count, size):
        batches.add(ticket)
    if seconds_each is not None:
        batches.measured(10 * seconds_each, 10)
    return batches


def sizes(batches: Batches, threads: int) -> list[int]:
    """Of the batches that are sent if each comes back before the next is asked for."""
    found = []
    while batch := batches.take(threads, 0):
        found.append(len(batch))
    return found


def test_nothing_is_sent_where_nobody_works_or_everybody_has_enough() -> None:
    batches = filled(10)
    assert batches.take(threads=0, flying=0) == []
    assert batches.take(threads=2, flying=4) == []
    assert batches.take(threads=2, flying=3)


def test_every_submission_is_sent_once_and_in_order() -> None:
    batches, sent = Batches(), []
    given = tickets(37)
    for ticket in given:
        batches.add(ticket)
    while batch := batches.take(threads=3, flying=0):
        sent += batch
        batches.measured(0.5 * len(batch), len(batch))
    assert sent == given


def test_a_batch_takes_some_seconds_whatever_a_submission_takes() -> None:
    for each in (0.1, 0.5, 1.0, 2.0):
        batch = filled(1000, each).take(threads=2, flying=0)
        assert 2 <= len(batch) * each <= 6
    assert len(filled(1000, 60.0).take(threads=2, flying=0)) == 1
    assert len(filled(1000, 0.0).take(threads=2, flying=0)) <= 64


def test_the_aim_follows_a_class_that_becomes_slower() -> None:
    batches = filled(1000, 0.1)
    before = batches.aim
    for _ in range(10):
        batches.measured(20.0, 10)
    assert batches.aim == 2 < before


def test_the_last_batches_are_small_and_leave_no_thread_idle() -> None:
    found = sizes(filled(100, 0.1), threads=4)
    assert sum(found) == 100
    assert found == sorted(found, reverse=True)
    assert found[-4:] == [1, 1, 1, 1]


def test_what_is_in_memory_grows_with_the_workers_and_never_with_the_class() -> None:
    batches = filled(100_000, 1.0)
    assert batches.room(threads=0) == 1
    assert batches.room(threads=8) == 8 * batches.room(threads=1) < 1000


def test_large_submissions_travel_in_small_batches() -> None:
    batch = filled(100, 0.1, size=1 << 20).take(threads=1, flying=0)
    assert len(batch) == 4
    assert len(filled(100, 0.1, size=1 << 23).take(threads=1, flying=0)) == 1


def test_what_came_back_unexamined_is_next() -> None:
    batches = filled(5)
    first = batches.take(threads=1, flying=0)
    batches.again(first)
    assert batches.take(threads=1, flying=0)[: len(first)] == first


def test_a_suspect_is_examined_last_alone_and_with_nothing_beside_it() -> None:
    batches = filled(8, 0.1)
    suspects = batches.take(threads=2, flying=0)
    for ticket in suspects:
        batches.suspect(ticket)
    while batch := batches.take(threads=2, flying=1):
        assert not any(ticket.alone for ticket in batch)
    assert batches.take(threads=2, flying=1) == []  # others are still with the scheduler
    alone = [batches.take(threads=2, flying=0) for _ in suspects]
    assert alone == [[ticket] for ticket in suspects]
    batches.again(alone[0])  # its worker was not prepared
    assert batches.take(threads=2, flying=0) == alone[0]


def test_what_differs_is_said_and_what_follows_from_it_is_not() -> None:
    here = identity()
    assert differences(here, identity()) == []
    assert differences(here, {**here, "torch": "1.0", "engine": "0" * 64}) == [
        f"torch is 1.0 there and {here['torch']} here"
    ]
    (said,) = differences(here, {**here, "engine": "0" * 64})
    assert said.startswith("the grader's own sources are others (000000000000 there, ")
    without = {key: value for key, value in here.items() if key != "hypothesis"}
    assert differences(here, without) == [
        f"hypothesis is not installed there and {here['hypothesis']} here"
    ]


def test_a_course_that_has_travelled_has_the_same_digests(tmp_path: Path) -> None:
    course = load_course(ROOT)
    parcel.unpack(parcel.pack(course), tmp_path / "course")
    arrived = load_course(tmp_path / "course")
    for name in course.names:
        assert exercise_digest(arrived, name) == exercise_digest(course, name)
    assert (tmp_path / "course").stat().st_mode & 0o777 == 0o700


def test_another_course_needs_another_warm_pair_and_the_same_one_the_same(tmp_path: Path) -> None:
    course = load_course(write_course(tmp_path / "course"))
    settings = EngineSettings(course, seed=3)
    order = order_of(settings, ["doubling"])
    assert order_of(settings, ["doubling"]).key == order.key
    assert order_of(settings, ["doubling", "negating"]).key != order.key
    assert order_of(EngineSettings(course, seed=4), ["doubling"]).key != order.key
    (course.hidden_checks / "test_doubling.py").open("a").write("\n# changed\n")
    changed = order_of(settings, ["doubling"])
    assert changed.key != order.key
    answer = {"identity": identity(), "checks": dict(changed.checks)}
    assert changed.objections(answer) == []
    assert order.objections(answer) == ["what the course says of doubling differs there"]


def test_a_course_with_data_in_it_does_not_travel(tmp_path: Path) -> None:
    course = load_course(write_course(tmp_path / "course"))
    (course.stubs / "images.bin").touch()
    os.truncate(course.stubs / "images.bin", 65 << 20)
    with pytest.raises(ClusterError, match="more than 64 MiB"):
        parcel.pack(course)
