"""What a submission sees and reaches from inside its sandbox: nothing that is not its own."""

from __future__ import annotations

import json
import os
from pathlib import Path

from grader.course import Course
from grader.examiner.engine import Engine

SPYING = """
import torch, os, sys, json, socket, subprocess, signal, threading, ctypes

def attempt(action):
    try:
        return repr(action())
    except BaseException as error:
        return f"{{type(error).__name__}}"

def found():
    return {{
        {entries}
    }}

def l1_loss(input, target, reduction="mean"):
    raise RuntimeError(json.dumps(found()))
"""


def spied(engine: Engine, **actions: str) -> dict[str, str]:
    """What each action gave inside a sandbox: its value's repr, or the exception's name."""
    entries = "\n        ".join(
        f"{key!r}: attempt(lambda: {text})," for key, text in actions.items()
    )
    source = SPYING.format(entries=entries)
    (grade,) = engine.examine({"losses.py": source.encode()}, ["losses"])
    text = next(c["message"] for c in grade["checks"] if c["outcome"] == "error")
    start = text.index("RuntimeError: ") + len("RuntimeError: ")
    read: dict[str, str] = json.JSONDecoder().raw_decode(text[start:])[0]
    return read


DENIED = {"PermissionError", "FileNotFoundError", "OSError", "BlockingIOError"}


def test_nothing_of_the_course_can_be_read(engine: Engine, course: Course) -> None:
    root = course.root
    seen = spied(
        engine,
        solution=f"open({str(root / 'solutions' / 'losses.py')!r}).read()",
        check=f"open({str(course.hidden_checks / 'test_losses.py')!r}).read()",
        manifest=f"open({str(root / 'course.toml')!r}).read()",
        listing=f"os.listdir({str(root)!r})",
        checks_module="__import__('grader.checks.test_losses')",
        passwords="open('/etc/passwd').read()",
        processes="os.listdir('/proc')",
        parent="open(f'/proc/{os.getppid()}/mem', 'rb')",
        environ="open('/proc/self/environ').read()",
    )
    assert set(seen.values()) <= DENIED | {"ModuleNotFoundError"}, seen


def test_the_environment_and_the_descriptors_are_empty(engine: Engine) -> None:
    seen = spied(
        engine,
        environment="sorted(os.environ)",
        descriptors="[d for d in range(3, 256) if attempt(lambda: os.fstat(d)) != 'OSError']",
    )
    assert seen["environment"] == "['HOME', 'TMPDIR']"
    assert seen["descriptors"].count(",") == 0, seen  # one: the channel


def test_a_sandbox_reaches_nothing_and_nobody(engine: Engine) -> None:
    seen = spied(
        engine,
        network="socket.socket()",
        pair="socket.socketpair()",
        fork="os.fork()",
        program="subprocess.run(['/bin/true'])",
        execute="os.execv('/bin/true', ['true'])",
        kill_parent="os.kill(os.getppid(), 0)",
        kill_all="os.kill(-1, 0)",
        outside="open('/tmp/torchgrade-attack', 'w')",
        beside="os.listdir('..')",
        become_root="os.setuid(0)",
        trace="1 // (ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) + 1)",
    )
    denied = {*DENIED, "ZeroDivisionError"}
    if os.getuid() != 0:
        denied.add("None")
    assert set(seen.values()) <= denied, seen
    assert not Path("/tmp/torchgrade-attack").exists()


def test_a_sandbox_can_do_what_exercises_need(engine: Engine) -> None:
    seen = spied(
        engine,
        file="open('mine.txt', 'w').write('text')",
        thread="threading.Thread(target=print).start()",
        standard_library="__import__('wave').__name__",
        late_torch="__import__('torch.utils.checkpoint').__name__",
        temporary="__import__('tempfile').TemporaryFile().write(b'text')",
    )
    assert seen == {
        "file": "4",
        "thread": "None",
        "standard_library": "'wave'",
        "late_torch": "'torch'",
        "temporary": "4",
    }


def test_what_a_sandbox_writes_is_gone(engine: Engine) -> None:
    write = "os.makedirs('a/b/c') or open('a/b/c/file', 'w').write('x' * 1000)"
    assert spied(engine, write=write)["write"] == "1000"
    assert [entry for entry in engine.folder.iterdir() if entry.name.isdigit()] == []


def test_nobody_but_root_is_what_a_sandbox_never_is(engine: Engine) -> None:
    seen = spied(engine, user="os.getresuid()", groups="os.getgroups()")
    assert "0" not in seen["user"].strip("()").replace(" ", "").split(",")
    if os.getuid() == 0:
        assert seen["groups"] == "[]"


def test_every_layer_holds_here(engine: Engine) -> None:
    expected = ["rlimits", "capabilities", "uid", "no-new-privileges", "landlock", "seccomp"]
    assert engine.layers == [name for name in expected if name != "uid" or os.getuid() == 0]
