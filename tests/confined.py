"""Tries things in processes that are confined by chosen layers; run as a program by test_layers*.

`tried(who, cases)` runs it as that user. Each case is tried twice, each time in a new process: with
no layer at all, which is the control, and with the layers that it names alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

UID = 61000  # of the confined, where root confines
_PIECE = 1 << 20


@dataclass(frozen=True)
class Case:
    """What is tried; each of the texts is Python, see `_names` for what it can use.

    `before` runs before the layers are put in place, `action` after; `after` is an expression that
    is evaluated outside, when the process has ended, of what became of `victim` and `outside`.
    """

    layers: str
    action: str
    before: str = ""
    after: str = "None"
    gpu: bool = False
    seconds: int = 60  # of processor time, for the control too


@dataclass(frozen=True)
class Trial:
    """How it went: what `action` gave or raised, what `after` gave, the signal that ended it."""

    gave: str
    after: str
    signal: int

    @property
    def raised(self) -> str:
        """The name of the error's number, or of the exception; empty where there was none."""
        return self.gave.removeprefix("raised ") if self.gave.startswith("raised ") else ""


def tried(who: str, cases: Mapping[str, Case]) -> dict[str, tuple[Trial, Trial]]:
    """Each case's control, and its trial under the layers."""
    from users import command_as, home_of

    with home_of(who) as home:
        command = command_as(who, [sys.executable, str(Path(__file__).resolve()), home], home)
        asked = json.dumps({name: asdict(case) for name, case in cases.items()})
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        return {name: (Trial(*pair[0]), Trial(*pair[1])) for name, pair in found.items()}


def call(name: str, *arguments: Any) -> int:
    """A system call, past whatever Python or the C library make of it; OSError where it fails."""
    import pyseccomp

    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    assert number >= 0, f"{name} is unknown here"
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    longs = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *longs)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result


def machine_code(code: bytes) -> int:
    """Run machine code, and return what it leaves in the register of results."""
    import mmap

    memory = mmap.mmap(-1, 4096, prot=7)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return int(ctypes.CFUNCTYPE(ctypes.c_int)(address)())


def _main() -> None:
    home = Path(sys.argv[1])
    from grader.sandbox.confine import prepare_layers

    output = os.dup(1)  # what is tried may print
    os.dup2(2, 1)
    cases = {name: Case(**fields) for name, fields in json.load(sys.stdin).items()}
    for gpu in (False, True):
        prepare_layers(gpu)
    found = {
        name: [_try(home, case, confined) for confined in (False, True)]
        for name, case in cases.items()
    }
    with open(output, "w", encoding="utf-8") as file:
        json.dump(found, file)


def _try(home: Path, case: Case, confined: bool) -> tuple[str, str, int]:
    folder = Path(tempfile.mkdtemp(dir=home))
    folder.chmod(0o711)
    outside = folder / "outside"
    outside.write_text("outside")
    outside.chmod(0o644)
    private = folder / "private"
    private.mkdir()
    victim, stop = _victim()
    names = _names(private, outside, victim)
    ours, childs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        names["channel"] = childs
        gave = _in_child(case, confined, private, names)
        if childs.fileno() >= 0:
            childs.sendall(gave.encode()[:_PIECE])
        os._exit(0)
    childs.close()
    with ours:
        ours.settimeout(30)
        said = b""
        try:
            while piece := ours.recv(1 << 16):
                said += piece
        except TimeoutError:
            said = b"raised nothing: it hangs"
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    after = repr(eval(case.after, names))
    stop()
    shutil.rmtree(folder)
    return said.decode(), after, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _in_child(case: Case, confined: bool, private: Path, names: dict[str, Any]) -> str:
    from grader.sandbox.confine import Confinement

    os.chdir(private)
    readable = map(Path, ("/usr", "/lib", "/lib64", "/dev/null", sys.base_prefix, sys.prefix))
    confinement = Confinement(
        tuple(path for path in readable if path.exists()),
        memory_bytes=256 << 20,
        file_bytes=1 << 20,
        cpu_seconds=1,
        devices=(Path("/dev/null"),) if case.gpu else (),
        only=frozenset(case.layers.split()),
    )
    resource.setrlimit(resource.RLIMIT_CPU, (case.seconds, case.seconds + 1))
    try:
        exec(case.before, names)
        if confined:
            held = confinement.apply(private, UID, strict=True)
            assert held == case.layers.split(), held
        exec(case.action, names)
        return repr(names.get("result"))
    except OSError as error:
        import errno

        return f"raised {errno.errorcode.get(error.errno or 0, 'OSError')}"
    except BaseException as error:
        return f"raised {type(error).__name__}: {error}"


def _names(private: Path, outside: Path, victim: int) -> dict[str, Any]:
    """What the texts of a case can use: the same user's file and process are `outside`, `victim`.

    `channel` is a stream socket whose other end reads nothing but bytes.
    """
    modules = "ctypes errno fcntl os resource signal socket struct subprocess sys threading time"
    return {
        **{name: __import__(name) for name in modules.split()},
        **{"call": call, "machine_code": machine_code, "Path": Path, "shutil": shutil},
        **{"private": private, "outside": outside, "victim": victim},
    }


def _victim() -> tuple[int, Callable[[], None]]:
    """A process of the same user that waits, and what ends it."""
    pid = os.fork()
    if pid == 0:
        from grader.sandbox.confine import die_with_parent

        die_with_parent()
        while True:
            signal.pause()

    def stop() -> None:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    return pid, stop


if __name__ == "__main__":
    _main()
