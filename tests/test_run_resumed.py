"""Runs that are killed, or follow a change of the course, grade again what they must and no more.

`KILLS=50` kills as many runs, over a class of 40; a few, over a smaller one, by default.
"""

from __future__ import annotations

import json
import os
import random
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import postgres
import pytest
from conftest import ROOT
from small import write_class, write_course

from grader.gradebook import Gradebook

GRADER = [sys.executable, "-m", "grader.cli", "grade"]
KILLS = int(os.environ.get("KILLS", "2"))
BOOK = "gradebook.db"
SIZE = 40 if KILLS > 2 else 12
SHOWN = re.compile(r"\[\d+/\d+\] (\w+): (?:([\d.]+)/[\d.]+|rejected)")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course and a class."""
    folder = tmp_path_factory.mktemp("scene")
    write_course(folder / "course")
    write_class(folder / "class", SIZE)
    return folder


def command(scene: Path, out: Path, *more: object, course: str = "course") -> list[str]:
    places = [scene / "class", "--course", scene / course, "--out", out, "--seed", 7]
    return [*GRADER, *map(str, [*places, "--json", out / "run.json", *more])]


def grade(
    scene: Path, out: Path, *more: object, course: str = "course"
) -> tuple[dict[str, Any], str]:
    """The run as JSON, without its seconds, and what it said."""
    done = subprocess.run(
        command(scene, out, *more, course=course),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1, done.stdout + done.stderr  # some are rejected
    return without_seconds(json.loads((out / "run.json").read_text())), done.stdout


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_seconds(item) for key, item in value.items() if key != "seconds"}
    return [without_seconds(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def undisturbed(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The run over the class that nobody disturbs, where it is kept, and how long it took."""
    out = tmp_path_factory.mktemp("undisturbed")
    began = time.monotonic()
    run, _ = grade(scene, out)
    return {"run": run, "out": out, "seconds": time.monotonic() - began}


def made(address: str | Path) -> dict[tuple[str, str], list[int]]:
    """Of each submission and exercise, the numbers of the results that gradings are made of."""
    numbers: dict[tuple[str, str], list[int]] = {}
    with Gradebook(address, reading=True) as gradebook:
        for newest in gradebook.newest():
            for grading in gradebook.history(newest.submission_id):
                for one in grading.exercises:
                    numbers.setdefault((grading.submission_id, one.name), []).append(one.number)
    return numbers


# Killed


def test_runs_killed_at_any_moment_resume_without_losing_or_grading_twice(
    scene: Path, undisturbed: dict[str, Any], tmp_path: Path, server: postgres.Server
) -> None:
    """Each killed run is resumed by the next, until the class is graded; then a new book is begun,
    on a server and in a file by turns. The first runs over each ask for a part of the course.

    The moments are drawn: how many more submissions are to be graded, and how long after that.
    """
    draw = random.Random(KILLS)
    kills: list[int] = []  # how many submissions each killed run had graded
    books = 0
    while len(kills) < KILLS:
        books += 1
        out = tmp_path / f"book{books}"
        out.mkdir()
        address = out / BOOK if books % 2 == 0 else server.database()
        ended, part = False, True
        while len(kills) < KILLS and not ended:
            asked = ("--only", "tripling") if part else ()
            starting = len(kills) % 3 == 2
            options = ("--gradebook", address, *asked)
            found = _killed(scene, out, draw, starting, undisturbed["seconds"], *options)
            ended = found is None and not part
            part = part and found == 0
            kills += [] if found is None else [found]
            _assert_kept(out, address)
        run, said = grade(scene, out, "--gradebook", address)
        assert run == undisturbed["run"]
        if ended:
            graded = [one for one in run["submissions"] if one["status"] == "graded"]
            assert said.count("(graded before)") == len(graded)
        assert {len(set(numbers)) for numbers in made(address).values()} == {1}  # nothing twice
    while_grading = sum(number > 0 for number in kills)
    print(f"{KILLS} kills, {while_grading} while grading; {SIZE} submissions, {books} gradebooks")


def _killed(
    scene: Path, out: Path, draw: random.Random, starting: bool, seconds: float, *more: object
) -> int | None:
    """Kill a run at a drawn moment; how many it had graded, None where it ended before.

    `starting` is before it grades anything; `seconds` is what an undisturbed run takes.
    Its children end by themselves. All that it showed is kept in `out/shown`.
    """
    with open(out / "shown", "a", encoding="utf-8") as said:
        process = subprocess.Popen(
            command(scene, out, *more), cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True
        )
        assert process.stdout is not None
        wanted = 0 if starting else draw.randint(1, SIZE // 4)
        graded = 0
        while graded < wanted and (line := process.stdout.readline()):
            said.write(line)
            graded += SHOWN.match(line) is not None and "(graded before)" not in line
        try:
            process.wait(draw.uniform(0, seconds / 3 if wanted == 0 else seconds / SIZE))
        except subprocess.TimeoutExpired:
            pass
        children = [os.pidfd_open(pid) for pid in _descendants(process.pid)]
        process.send_signal(signal.SIGKILL)
        said.write(process.stdout.read())  # also what it showed just before
        process.stdout.close()
        was_killed = process.wait() == -signal.SIGKILL
    _assert_end(children)
    return graded if was_killed else None


def _descendants(pid: int, deep: bool = True) -> list[int]:
    """The processes below this one that are still there; its own children alone if not `deep`."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        try:
            for task in Path(f"/proc/{waiting.pop()}/task").iterdir():
                children = [int(child) for child in (task / "children").read_text().split()]
                found += children
                waiting += children if deep else []
        except (FileNotFoundError, ProcessLookupError):
            continue
    return [each for each in found if Path(f"/proc/{each}").exists()]


def _assert_end(children: list[int]) -> None:
    """Every process ends within a minute, without being told."""
    give_up = time.monotonic() + 60
    for child in children:
        poll = select.poll()
        poll.register(child, select.POLLIN)
        assert poll.poll(max(0.0, give_up - time.monotonic()) * 1000), "a process goes on"
        os.close(child)


def _assert_kept(out: Path, address: str | Path) -> None:
    """Every grade that any run showed is in the book."""
    lines = (out / "shown").read_text(encoding="utf-8").splitlines()
    shown = [found.groups() for line in lines if (found := SHOWN.match(line))]
    if not shown:
        return
    with Gradebook(address, reading=True) as gradebook:
        ids = [newest.submission_id for newest in gradebook.newest()]
        kept = {id: {one.points for one in gradebook.history(id)} for id in ids}
    assert all(float(points or 0) in kept[id] for id, points in shown)


# After a change


def test_what_does_not_touch_a_verdict_has_nobody_graded_again(
    scene: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(undisturbed["out"], out)
    shutil.copytree(scene / "course", scene / "course told otherwise")
    manifest = scene / "course told otherwise" / "course.toml"
    text = manifest.read_text().replace('"hint"', '"none"').replace("To be", "Now to be")
    manifest.write_text(text.replace("format = 1", "format = 1\ndue = 2027-01-31T23:59:00Z"))
    began = time.monotonic()
    again, said = grade(scene, out, course="course told otherwise")
    assert again == undisturbed["run"]
    graded = [one for one in again["submissions"] if one["status"] == "graded"]
    assert said.count("(graded before)") == len(graded)
    assert made(out / BOOK) == made(undisturbed["out"] / BOOK)
    with Gradebook(out / BOOK, reading=True) as gradebook:
        first, second = gradebook.runs()
        now, then = gradebook.class_grades(), gradebook.class_grades(first.number)
        assert list(now.grades) == list(then.grades)
    assert second.seconds is not None and first.seconds is not None
    assert time.monotonic() - began < undisturbed["seconds"]
    assert second.paths == (scene / "class",) and second.only is None
    assert second.course_folder == scene / "course told otherwise"


def test_a_changed_check_has_its_exercise_alone_graded_again(
    scene: Path, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    """Also where the first attempt ends early: its examiner is killed."""
    out = tmp_path / "out"
    shutil.copytree(undisturbed["out"], out)
    shutil.copytree(scene / "course", scene / "course changed")
    public = scene / "course changed" / "exercises" / "test_tripling.py"
    public.write_text(public.read_text().replace("[6.0]", "[9.0]").replace("[2.0]", "[3.0]"))
    lost = _lost_with_the_examiner(scene, out, course="course changed")
    run, said = grade(scene, out, course="course changed")
    graded = [one["id"] for one in run["submissions"] if one["status"] == "graded"]
    assert 0 < len(lost) < len(graded)
    assert said.count("(graded before)") == len(graded) - len(lost)
    before, after = made(undisturbed["out"] / BOOK), made(out / BOOK)
    for (id, name), numbers in after.items():
        old = before[id, name]
        assert len(numbers) == 2 and numbers[0] == old[0]
        assert (numbers[1] != old[0]) == (name == "tripling")
    for one, other in zip(run["submissions"], undisturbed["run"]["submissions"], strict=True):
        for mine, theirs in zip(one["exercises"], other["exercises"], strict=True):
            assert mine["points"] == theirs["points"]
            assert mine == theirs or mine["name"] == "tripling"
    _assert_history(out / BOOK, graded, lost)


def _lost_with_the_examiner(scene: Path, out: Path, course: str) -> set[str]:
    """Kill the examiner when the first submission is graded: those that could not be."""
    process = subprocess.Popen(
        command(scene, out, "--jobs", 1, course=course),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    while "rejected" in process.stdout.readline():  # which takes no examiner
        continue
    (examiner,) = (
        pid
        for pid in _descendants(process.pid)
        if Path(f"/proc/{pid}/comm").read_text() == "examiner\n"
    )
    os.kill(examiner, signal.SIGKILL)
    rest, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    return set(re.findall(r"\] (\w+): rejected: could not be graded", rest))


def _assert_history(address: Path, graded: list[str], lost: set[str]) -> None:
    """Those that were lost have a grading that says so, and the newest tells what has changed."""
    with Gradebook(address, reading=True) as gradebook:
        for id in graded:
            first, *failed, last = gradebook.history(id)
            assert len(failed) == (id in lost)
            assert all((one.reason or "").startswith("could not be graded") for one in failed)
            assert not last.mixed
            differences = {
                new.name: new.conditions.differences(old.conditions)
                for new, old in zip(last.exercises, first.exercises, strict=True)
            }
            assert differences == {"doubling": [], "tripling": ["checks"], "negating": []}
