"""A class graded by the workers of a dask scheduler: the same grades, whoever comes, goes or dies.

`CLUSTER=1` adds what takes longer: a scheduler that is lost, a run that is interrupted, a submission
that takes its workers down.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clusters import SECONDS, address_of, grade, workers, write_scene
from conftest import ROOT
from distributed import Client, LocalCluster

from grader.cluster import ClusterError
from grader.gradebook import Gradebook

GRADER = [sys.executable, "-m", "grader.cli", "grade"]
thorough = pytest.mark.skipif("CLUSTER" not in os.environ, reason="CLUSTER=1 takes minutes")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene(tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A scheduler of this process, without workers."""
    options = {"host": "127.0.0.1", "dashboard_address": None}
    with LocalCluster(n_workers=0, processes=True, **options) as running:
        yield running


@pytest.fixture(scope="module")
def here(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The class graded on this machine."""
    return grade(scene, tmp_path_factory.mktemp("here"))


def numbers_of_results(out: Path) -> list[int]:
    """Of each submission, how many results its gradings are made of."""
    with Gradebook(out / "gradebook.db", reading=True) as book:
        return [
            len({one.number for grading in book.history(id) for one in grading.exercises})
            for id in [newest.submission_id for newest in book.newest()]
        ]


def another_grader(folder: Path) -> Path:
    """A copy of this package that differs in one byte that verdicts may depend on."""
    shutil.copytree(
        ROOT / "grader", folder / "grader", ignore=shutil.ignore_patterns("__pycache__")
    )
    with (folder / "grader" / "sandbox" / "wire.py").open("a") as file:
        file.write("\n")
    return folder


def test_where_no_scheduler_answers_it_is_one_clear_line(scene: Path, tmp_path: Path) -> None:
    places = [scene / "class", "--course", scene / "course", "--out", tmp_path]
    command = [*GRADER, *map(str, places), "--cluster", "udp://nowhere:1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "--cluster udp://nowhere:1: no dask scheduler answers there" in line


def test_a_worker_with_another_grader_examines_nothing_and_is_named(
    cluster: LocalCluster, scene: Path, tmp_path: Path
) -> None:
    address = cluster.scheduler_address
    path = another_grader(tmp_path / "other")
    with workers(address, "o", tmp_path, path), Client(cluster, set_as_default=False) as client:
        worker = address_of(client, "o")
        with pytest.raises(ClusterError) as raised:
            grade(scene, tmp_path, address)
    said = str(raised.value)
    assert worker in said and "the grader's own sources are others" in said
    assert "Install the same" in said
    assert numbers_of_results(tmp_path) == []


@pytest.mark.engine
def test_a_worker_killed_at_work_loses_nothing_and_the_json_is_that_of_one_machine(
    cluster: LocalCluster, scene: Path, here: dict[str, Any], tmp_path: Path
) -> None:
    address = cluster.scheduler_address
    with (
        workers(address, "ab", tmp_path) as started,
        Client(cluster, set_as_default=False) as client,
    ):
        places = {name: address_of(client, name) for name in started}

        def kill_one() -> None:
            """One that is stopped, and has not given back what it was sent, is at work."""
            for name, process in started.items():
                process.send_signal(signal.SIGSTOP)
                client.processing()  # what it had said before has been heard by now
                if client.processing()[places[name]]:
                    process.kill()
                    return
                process.send_signal(signal.SIGCONT)
            raise AssertionError("no worker had anything to do")

        there = grade(scene, tmp_path, address, act=kill_one)
        left = client.nthreads()
    assert len(left) == 1
    assert there == here
    graded = [each for each in here["submissions"] if each["status"] == "graded"]
    assert {each["points"] for each in graded} == {0, 40}
    assert sorted(numbers_of_results(tmp_path)) == [0] * 2 + [1] * len(graded)  # none twice
    repeated = {each.key for each in cluster.scheduler.transition_log if _lost_its_worker(each)}
    assert 1 <= len(repeated) <= 2  # what it was at, and what waited for it


def _lost_its_worker(transition: Any) -> bool:
    moved = (transition.start, transition.finish) == ("processing", "released")
    return moved and transition.stimulus_id.startswith("handle-worker-cleanup")
