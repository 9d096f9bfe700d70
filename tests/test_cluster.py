"""A class graded by the workers of a dask scheduler: the same grades, whoever comes, goes or dies.

`CLUSTER=1` adds what takes longer: a scheduler that is lost, a run that is interrupted, a worker
that joins late and differs, a submission that takes its workers down.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from clusters import SECONDS, address_of, grade, without_seconds, workers, write_scene
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
    options = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
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
    rejected = len(here["submissions"]) - len(graded)
    assert sorted(numbers_of_results(tmp_path)) == [0] * rejected + [1] * len(graded)  # none twice
    repeated = {each.key for each in cluster.scheduler.transition_log if _lost_its_worker(each)}
    assert 1 <= len(repeated) <= 2  # what it was at, and what waited for it


def _lost_its_worker(transition: Any) -> bool:
    moved = (transition.start, transition.finish) == ("processing", "released")
    return moved and transition.stimulus_id.startswith("handle-worker-cleanup")


# What takes longer


def command(scene: Path, out: Path, address: str) -> list[str]:
    places = [scene / "class", "--course", scene / "course", "--only", "doubling", "--out", out]
    options = ["--seed", 7, "--json", out / "run.json", "--cluster", address]
    return [*GRADER, *map(str, [*places, *options])]


def until_examined(process: subprocess.Popen[str]) -> None:
    """Read what a run says until it has graded somebody."""
    assert process.stdout is not None
    for line in process.stdout:
        if re.match(r"\[\d+/\d+\] \w+: \d", line):
            return
    raise AssertionError("it graded nobody")


def warm_pairs(worker: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a worker has started."""
    tasks = Path(f"/proc/{worker.pid}/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


@thorough
@pytest.mark.engine
def test_an_interrupted_run_ends_the_remote_work_and_is_resumed(
    cluster: LocalCluster, scene: Path, here: dict[str, Any], tmp_path: Path
) -> None:
    given = command(scene, tmp_path, cluster.scheduler_address)
    with workers(cluster.scheduler_address, "c", tmp_path) as started:
        with subprocess.Popen(given, stdout=subprocess.PIPE, text=True) as process:
            until_examined(process)
            assert len(warm_pairs(started["c"])) == 2
            process.send_signal(signal.SIGINT)
            assert process.wait(SECONDS) == 130
            assert warm_pairs(started["c"]) == []
        kept = sum(numbers_of_results(tmp_path))
        assert 1 <= kept < len(here["submissions"])
        done = subprocess.run(given, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 1  # some are rejected
    assert done.stdout.count("(graded before)") == kept
    assert without_seconds(json.loads((tmp_path / "run.json").read_text())) == here
    assert max(numbers_of_results(tmp_path)) == 1


@thorough
@pytest.mark.engine
def test_a_scheduler_that_is_lost_ends_the_run_with_one_line(scene: Path, tmp_path: Path) -> None:
    file = tmp_path / "scheduler.json"
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1"]
    start += ["--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(start, stderr=log) as scheduler:
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            address = client.scheduler_info()["address"]
        given = command(scene, tmp_path, str(file))
        with (
            workers(address, "d", tmp_path),
            subprocess.Popen(
                given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as process,
        ):
            until_examined(process)
            scheduler.kill()
            _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    (line,) = said.splitlines()
    assert "was lost; every grade until then is kept" in line
    assert 1 in numbers_of_results(tmp_path)


@thorough
@pytest.mark.engine
def test_a_worker_that_joins_late_and_differs_ends_the_run(
    cluster: LocalCluster, scene: Path, tmp_path: Path
) -> None:
    address = cluster.scheduler_address
    path = another_grader(tmp_path / "other")
    with ExitStack() as stack:
        started = stack.enter_context(workers(address, "e", tmp_path))

        def another_instead() -> None:
            started["e"].kill()
            started["e"].wait()
            stack.enter_context(workers(address, "o", tmp_path, path))

        with pytest.raises(ClusterError, match="the grader's own sources are others"):
            grade(scene, tmp_path, address, act=another_instead)
    assert 1 in numbers_of_results(tmp_path)


@thorough
@pytest.mark.engine
def test_a_submission_that_takes_its_workers_down_is_reported_and_tried_no_more(
    scene: Path, tmp_path: Path
) -> None:
    """Here whoever works is killed from outside: nothing a submission can do ends a worker."""
    shutil.copytree(scene / "course", tmp_path / "course")
    shutil.copytree(scene / "class" / "student00", tmp_path / "class" / "ada")
    options = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    once = {"allowed_failures": 0}  # dask's own patience, three by default
    with (
        LocalCluster(n_workers=0, processes=True, scheduler_kwargs=once, **options) as cluster,
        Client(cluster, set_as_default=False) as client,
        workers(cluster.scheduler_address, "fgh", tmp_path) as started,
    ):
        places = {address_of(client, name): process for name, process in started.items()}

        def kill_whoever_works() -> None:
            killed = 0
            while killed < 2:
                for address, tasks in client.processing().items():
                    if tasks and places[address].poll() is None:
                        places[address].kill()
                        places[address].wait()
                        killed += 1

        with ThreadPoolExecutor(1) as pool:
            killing = pool.submit(kill_whoever_works)
            run = grade(tmp_path, tmp_path, cluster.scheduler_address)
            killing.result(SECONDS)
    (ada,) = run["submissions"]
    assert ada["status"] == "rejected"
    assert "could not be graded: its worker was lost, also when it" in ada["reason"]
