"""Servers whose forks refuse already what an exercise forbids: nothing is another for that."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import torch
from test_origin import names_below, pids_of

from grader.checking.question import Question
from grader.course import Course
from grader.examiner.engine import Engine, EngineSettings, sandbox_settings
from grader.examiner.pair import Pair
from grader.examiner.rules import shared_names
from grader.examiner.warmth import warmth_of
from grader.sandbox import wire
from grader.sandbox.client import Clock, Purse, Sandbox
from grader.sandbox.forkserver import Child, ForkServerError, fork_child
from grader.sandbox.greeting import SANDBOXES, heard
from grader.sandbox.watch import Room

CLOCK = Clock(30, 30, 120)
FEW = 20  # forks of a server that come from itself, whatever they refuse
SERVER = """
import os, socket, sys
from grader.sandbox.forkserver import ForkServer

forks = 0


def serve(said):
    return lambda channel: channel.send(said)


def count():
    global forks
    forks += 1


def branches(name):
    def be_a_branch(control):
        file = os.memfd_create("attached")
        os.write(file, b"of " + name.encode())
        whole = "1/" + name
        ForkServer(control, serve(whole.encode()), name=whole, attached=file).run()

    return be_a_branch if forks >= 2 and name.isalpha() else None


control = socket.socket(fileno=int(sys.argv[1]))
ForkServer(control, serve(b"1"), before_fork=count, name="1", branches=branches).run()
"""


@pytest.fixture
def control() -> Iterator[socket.socket]:
    """Leads to a server of the name 1, which has branches once it has forked twice."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-c", SERVER, str(theirs.fileno())]
    with ours, subprocess.Popen(command, pass_fds=[theirs.fileno()]) as server:
        theirs.close()
        yield ours
        ours.close()
        assert server.wait(20) == 0


def whose(child: Child) -> tuple[str, bytes | None]:
    """Which server a child is of, by what it says, and what came with it."""
    with closing(child):
        child.channel.settimeout(20)
        said = child.channel.recv(100).decode()
        assert child.wait(20) == 0
    return said, child.attached


def test_a_branch_is_there_once_its_server_has_it(control: socket.socket) -> None:
    served = [whose(fork_child(control, of=name)) for name in ("1", "1/a", "1/a", "1/b", "1/a")]
    assert served[:2] == [("1", None), ("1", None)]
    assert served[2:] == [("1/a", b"of a"), ("1/b", b"of b"), ("1/a", b"of a")]
    assert whose(fork_child(control, of="1/0")) == ("1", None)  # it has none of that name
    assert whose(fork_child(control, of="1")) == ("1", None)


def test_a_child_ends_for_its_client_too_if_a_branch_was_made_for_it(
    control: socket.socket,
) -> None:
    for name in ("1", "1", "1/a", "1/a", "1/b"):
        with closing(fork_child(control, of=name)) as child:
            child.channel.settimeout(20)
            assert child.channel.recv(100).decode() == name
            assert child.channel.recv(100) == b"", "somebody else holds its end"
            assert child.wait(20) == 0


@pytest.mark.parametrize("name", ["", "2", "2/a", "1/", "11", "a"])
def test_an_unknown_server_is_told(control: socket.socket, name: str) -> None:
    with pytest.raises(ForkServerError):
        fork_child(control, of=name)


# branches in which what an exercise forbids is refused

WRITTEN = b"""
import torch.nn.functional as F


def l1_loss(prediction, target, reduction="mean"):
    return F.l1_loss(prediction, target, reduction=reduction)


def tried(prediction, target):
    try:
        F.l1_loss(prediction, target)
    except Exception as error:
        return torch.ones(1)
    return torch.zeros(1)
"""
LATE = b"""
import torch.nn.functional as F
print(F.l1_loss(torch.ones(1), torch.zeros(1)))
"""


@pytest.fixture(scope="module")
def sandboxes(course: Course) -> Iterator[socket.socket]:
    """Leads to a sandbox server for which it pays to have branches."""
    with closing(Pair()) as pair:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                server = pair.fork(SANDBOXES, [theirs])
            server.tell(sandbox_settings(EngineSettings(course), pair.folder))
            assert "layers" in (heard(server.hello) or {})
            for _ in range(FEW):
                Sandbox(ours, Room(), Purse()).close()
            yield ours


def asked(sandbox: Sandbox, function: str) -> dict[str, Any]:
    """What it says where a function is called with two tensors."""
    pair = (torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0]))
    question = Question("losses", function, "call", pair, {})
    key = sandbox.put(wire.encode([question.as_data()]), CLOCK)
    (answer,) = sandbox.answers(key, [0])
    return answer.read()


def test_a_branch_refuses_until_it_is_told_how_to_undo_it(
    course: Course, sandboxes: socket.socket
) -> None:
    names = shared_names(course.exercise("losses").forbidden)
    branch = warmth_of(course).refusing("", names)
    assert branch.startswith("/")
    own = (course.solutions / "losses.py").read_bytes()
    for server, is_branch in ((branch, True), ("", False)):
        with closing(Sandbox(sandboxes, Room(), Purse(), server)) as sandbox:
            assert (sandbox._child.attached is not None) == is_branch
            loaded = sandbox.load("losses", {"losses.py": own + WRITTEN}, names, CLOCK)
            assert loaded == {"loaded": True, "skipped": 0}
            assert asked(sandbox, "l1_loss")["forbidden"] == ["torch.nn.functional.l1_loss"]
            assert asked(sandbox, "tried")["forbidden"] == ["torch.nn.functional.l1_loss"]
            assert "observation" in asked(sandbox, "mse_loss")
            assert sandbox.allow(CLOCK)
            assert "observation" in asked(sandbox, "l1_loss")
            assert "observation" in asked(sandbox, "tried")


def test_statements_that_meet_what_a_branch_refuses_are_left_out(
    course: Course, sandboxes: socket.socket
) -> None:
    names = shared_names(course.exercise("losses").forbidden)
    own = (course.solutions / "losses.py").read_bytes()
    branch = warmth_of(course).refusing("", names)
    with closing(Sandbox(sandboxes, Room(), Purse(), branch)) as sandbox:
        loaded = sandbox.load("losses", {"losses.py": own + LATE}, names, CLOCK)
        assert loaded == {"loaded": True, "skipped": 1}


def submissions(course: Course) -> dict[str, dict[str, bytes]]:
    own = (course.solutions / "losses.py").read_bytes()
    return {
        "right": {"losses.py": own},
        "forbidden": {"losses.py": own + WRITTEN},
        "forbidden while it is imported": {"losses.py": own + LATE},
        "ends": {"losses.py": own + b"\nraise SystemExit\n"},
        "finds more warm": {"losses.py": own + b"\nimport sys, torch.optim\n" + WRITTEN},
    }


def graded(engine: Engine, files: dict[str, bytes]) -> list[Any]:
    """How each check ended, and what was said of it."""
    (grade,) = engine.examine(files, ["losses"])
    names = ("id", "outcome", "message", "hint")
    return [[check.get(name) for name in names] for check in grade["checks"]]


@pytest.mark.engine
def test_the_first_of_a_run_are_graded_as_those_that_come_from_branches(course: Course) -> None:
    with Engine(EngineSettings(course.only(["losses"]))) as engine:
        first = {name: graded(engine, files) for name, files in submissions(course).items()}
        (origin,) = pids_of(engine)
        before = names_below(origin).count(SANDBOXES)
        for _ in range(FEW):
            engine.examine({"losses.py": b"import math\n"}, ["losses"], quick=True)
            engine.examine({"losses.py": b"import torch.optim\n"}, ["losses"], quick=True)
        later = {name: graded(engine, files) for name, files in submissions(course).items()}
        assert names_below(origin).count(SANDBOXES) == before + 2, "one of each server"
    assert later == first
    outcomes = {name: {check[1] for check in checks} for name, checks in first.items()}
    assert outcomes["right"] == outcomes["forbidden while it is imported"] == {"passed"}
    assert outcomes["forbidden"] == outcomes["finds more warm"] == {"passed", "forbidden"}
