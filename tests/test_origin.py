"""The process that imports torch, and its two forks: what each is told, and how all of them end."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from small import solutions, write_course

from grader.course import load_course
from grader.examiner.engine import Engine, EngineError, EngineSettings
from grader.examiner.pair import Pair
from grader.sandbox.greeting import EXAMINER, SANDBOXES

HELPED = """
import os
from helping import FACTOR  # it lies where PYTHONPATH says

assert os.environ["TOLD_THE_EXAMINER"] == "yes"
"""
CURIOUS = """
import os
import torch

told = {**os.environ, "TOLD_THE_EXAMINER": os.environ.get("TOLD_THE_EXAMINER", "no")}
told["PYTHONHASHSEED"] = str(hash("the same"))


def double(x):
    raise RuntimeError(f"{told['TOLD_THE_EXAMINER']} {told['PYTHONHASHSEED']}")
"""


def settings(root: Path) -> EngineSettings:
    return EngineSettings(load_course(write_course(root)))


def files() -> dict[str, bytes]:
    return {name: source.encode() for name, source in solutions().items()}


def pids_of(engine: Engine) -> list[int]:
    assert engine._pair is not None
    return engine._pair.pids


def below_of(pid: int) -> list[int]:
    """The processes that descend from one."""
    found = []
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        found += [child, *below_of(child)]
    return found


def names_below(pid: int) -> list[str]:
    """What they are called."""
    return [Path(f"/proc/{child}/comm").read_text().strip() for child in below_of(pid)]


@pytest.mark.engine
def test_checks_find_what_the_environment_says_and_submissions_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = settings(tmp_path / "course")
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "helping.py").write_text("FACTOR = 2\n")
    check = asked.course.root / "grader" / "checks" / "test_doubling.py"
    check.write_text(HELPED + check.read_text().replace("torch.mul(x, 2)", "torch.mul(x, FACTOR)"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "tools"))
    monkeypatch.setenv("TOLD_THE_EXAMINER", "yes")
    with Engine(asked) as engine:
        graded = engine.examine(files())
        said = [
            engine.examine({"doubling.py": CURIOUS.encode()}, ["doubling"])[0]["checks"][0][
                "message"
            ]
            for _ in range(2)
        ]
    assert {check["outcome"] for grade in graded for check in grade["checks"]} == {"passed"}
    assert "RuntimeError: no " in said[0]
    assert said[0] == said[1]


@pytest.mark.engine
def test_each_process_says_what_it_is_and_all_end_with_the_engine(tmp_path: Path) -> None:
    with Engine(settings(tmp_path / "course")) as engine:
        engine.examine(files())
        assert engine.alive
        (origin,) = pids_of(engine)
        below = names_below(origin)
        assert below.count(EXAMINER) == 1
        assert below.count(SANDBOXES) > 1  # and those forked from it
        assert "sandbox" not in below, "each ends with its exercise"
        place = engine.folder
        every = [origin, *below_of(origin)]
    assert not any(Path(f"/proc/{pid}").exists() for pid in every)
    assert not place.exists()


@pytest.mark.engine
@pytest.mark.parametrize("which", ["origin", "examiner", "server"])
def test_an_engine_that_lost_a_process_says_so(tmp_path: Path, which: str) -> None:
    with Engine(settings(tmp_path / "course")) as engine:
        pair = engine._pair
        assert pair is not None
        lost = {"examiner": pair.examiner.child, "server": pair.server.child}.get(which)
        (origin,) = pair.pids
        pidfd = os.pidfd_open(origin) if lost is None else lost.pidfd
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.waitid(os.P_PIDFD, pidfd, os.WEXITED | os.WNOWAIT) if lost is None else lost.wait(60)
        assert not engine.alive
        with pytest.raises(EngineError):
            engine.examine(files())


def test_a_pair_that_nobody_needs_ends_at_once() -> None:
    pair = Pair()
    (origin,) = pair.pids
    pair.close()
    assert not Path(f"/proc/{origin}").exists()
    assert not pair.folder.exists()
