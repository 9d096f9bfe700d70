"""Submissions that try to earn points, or to learn something, without solving anything."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.course import Course
from grader.examiner.engine import Engine

Files = Mapping[str, bytes]

# Each defines l1_loss. None may earn a point.
CHEATS = {
    "tensor_subclass": """
class Right(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True

def l1_loss(input, target, reduction="mean"):
    return input.as_subclass(Right)
""",
    "equal_to_everything": """
class Equal:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __bool__(self): return True
    def __float__(self): return 0.0
    def __instancecheck__(self, other): return True

def l1_loss(input, target, reduction="mean"):
    return Equal()
""",
    "patched_assert_close": """
import torch.testing
torch.testing.assert_close = lambda *args, **kwargs: None
torch.equal = torch.allclose = lambda *args, **kwargs: True
torch.isclose = lambda input, *args, **kwargs: torch.ones_like(input, dtype=torch.bool)

def l1_loss(input, target, reduction="mean"):
    return input.sum() * 0
""",
    "pytest_skip": """
import pytest

def l1_loss(input, target, reduction="mean"):
    pytest.skip("not today")
""",
    "pytest_xfail": """
import pytest

def l1_loss(input, target, reduction="mean"):
    pytest.xfail("as expected")
""",
    "hypothesis_assume": """
import hypothesis

def l1_loss(input, target, reduction="mean"):
    hypothesis.assume(False)
""",
    "raises_everything": """
class Everything(ValueError, TypeError, RuntimeError, AssertionError):
    pass

def l1_loss(input, target, reduction="mean"):
    raise Everything("whatever you expected")
""",
    "says_todo_and_passes": """
def l1_loss(input, target, reduction="mean"):
    raise NotImplementedError("TODO: passed")
""",
    "patches_the_probes": """
import grader.probes, grader.probes.functions
for probes in (grader.probes.PROBES, vars(grader.probes)):
    for name in list(probes):
        if callable(probes[name]):
            probes[name] = lambda *args, **kwargs: {"value": True, "devices": [], "changed": []}

def l1_loss(input, target, reduction="mean"):
    return 0
""",
    "forges_answers_on_every_descriptor": """
import os, struct

def l1_loss(input, target, reduction="mean"):
    frame = struct.pack("!4sII", b"TGW1", 4, 0) + b"\\x80" * 4
    for descriptor in range(3, 64):
        for text in (b'{"outcome": "passed"}\\n', frame):
            try:
                os.write(descriptor, text)
            except OSError:
                pass
    return input
""",
    "sends_a_giant_answer": """
def l1_loss(input, target, reduction="mean"):
    return torch.zeros(40_000_000)
""",
    "sends_a_deep_answer": """
def l1_loss(input, target, reduction="mean"):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    return deep
""",
    "meta_tensor": """
def l1_loss(input, target, reduction="mean"):
    return torch.empty((), device="meta", dtype=input.dtype)
""",
    "not_a_number": """
def l1_loss(input, target, reduction="mean"):
    return (input - target).abs().mean() * float("nan")
""",
    "infinite": """
def l1_loss(input, target, reduction="mean"):
    return (input - target).abs().mean() * float("inf")
""",
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_earns_nothing_for_its_function(
    engine: Engine, solutions: Files, name: str
) -> None:
    source = "import torch\n" + CHEATS[name]
    (grade,) = engine.examine({**solutions, "losses.py": source.encode()}, ["losses"])
    mine = [check for check in grade["checks"] if check["function"] == "l1_loss"]
    refusals = [check for check in mine if "refuses" in check["id"]]
    assert all(check["points"] == 0 for check in mine if check not in refusals)
    if name != "raises_everything":  # raising ValueError is what those two ask for
        assert all(check["points"] == 0 for check in refusals)


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
    expected = ["rlimits", "uid", "no-new-privileges", "landlock", "seccomp"]
    assert engine.layers == [name for name in expected if name != "uid" or os.getuid() == 0]
