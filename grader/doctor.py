"""`grader doctor`: which layers of the sandbox this machine has, by trying each in a child.

Nothing here is deduced from versions: a layer counts where a process that took it on is stopped.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox.confine import FIRST_UID, LAYERS, Confinement, ConfinementError, prepare_layers
from grader.sandbox.removal import remove_tree
from grader.sandbox.view import UnreachableError, covered_by, open_view, python_folders

_Attempt = Callable[[Path], str | None]  # in a folder of its own; what is wrong, if anything is

_MEMORY = 64 << 20
_PR_GET_NO_NEW_PRIVS = 39
_DEVICE = """
import torch
names = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())]
print(", ".join(names) or "none: --device cpu")
"""


@dataclass(frozen=True)
class Finding:
    """One layer: what it stops; the problem is None where it holds, `remedy` says what to do."""

    name: str
    stops: str
    problem: str | None = None
    remedy: str = ""


_STOPS = {
    "rlimits": "memory, processor time, open files and processes without end",
    "capabilities": "rights of root's that a process can have under any uid",
    "uid": "reading and signalling what is root's",
    "no-new-privileges": "more rights by way of a setuid program",
    "landlock": "files, TCP and signals outside of the sandbox",
    "seccomp": "system calls that reach other processes: sockets, programs, forks",
    "view": "a verdict that depends on which of Python's files a sandbox can still read",
    "all together": "a layer that stands in another's way",
}
_RIGHTS = (
    "grade as an ordinary user, or give root in this container back the capabilities "
    "CHOWN, SETUID, SETGID and SETPCAP"
)
_CONTAINER = "or the seccomp profile of this container forbids it"
_REMEDIES = {
    "rlimits": f"this kernel lets no limit be lowered, {_CONTAINER}",
    "capabilities": _RIGHTS,
    "uid": _RIGHTS,
    "no-new-privileges": f"the kernel is too old, {_CONTAINER}",
    "landlock": "Linux 6.12 or newer with Landlock among the security modules: it is not in this "
    f"kernel ({platform.release()}), not in `lsm=` at boot, {_CONTAINER}",
    "seccomp": "install libseccomp (apt install libseccomp2, dnf install libseccomp); where it is "
    f"there, the kernel has no seccomp filters, {_CONTAINER}",
    "view": "install Python where every user may read it, or grade as an ordinary user",
    "all together": "see above",
}
_PACKAGES = "install the grader with `torchgrade[grade]`: a package of it is missing"


def examine() -> list[Finding]:
    """Try every layer that this user's sandboxes have, each in a process of its own, then all."""
    root = os.geteuid() == 0
    prepare_layers(gpu=False)
    findings = [_finding(name, _tries(name)) for name in LAYERS if root or name != "uid"]
    if root:
        findings.append(_finding("view", _see))
    findings.append(_finding("all together", _take_all))
    return findings


def facts() -> Iterator[tuple[str, str]]:
    """What else decides how grading goes here: a name, and what was found."""
    user = "root" if os.geteuid() == 0 else f"an ordinary user (uid {os.geteuid()})"
    yield "user", user
    yield "kernel", f"{platform.system()} {platform.release()} {platform.machine()}"
    yield "Landlock", _landlock()
    yield "libseccomp", _libseccomp()
    yield "Python", f"{platform.python_version()} in {sys.prefix}"
    yield "torch", _torch()
    yield "GPU", _device()
    yield "cores", f"{len(os.sched_getaffinity(0))} of {os.cpu_count()}"


def _finding(name: str, attempt: _Attempt) -> Finding:
    problem = _in_child(attempt)
    if problem is None:
        return Finding(name, _STOPS[name])
    missing = problem.startswith("ModuleNotFoundError")
    return Finding(name, _STOPS[name], problem, _PACKAGES if missing else _REMEDIES[name])


def _in_child(attempt: _Attempt) -> str | None:
    """What an attempt says is wrong, tried in a forked process; None where nothing is."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    ours, childs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        problem: str | None = "it was not tried"
        try:
            problem = attempt(folder)
        except BaseException as error:  # whatever it is, it is what is wrong
            problem = f"{type(error).__name__}: {error}"
        finally:
            childs.sendall(json.dumps(problem).encode())
            os._exit(0)
    childs.close()
    with ours:
        said = ours.makefile().read()
    _, status = os.waitpid(pid, 0)
    remove_tree(folder)
    if not said:
        return f"the process that tried it ended (wait status {status})"
    found: str | None = json.loads(said)
    return found


def _confinement(only: frozenset[str]) -> Confinement:
    """As the sandbox server has it, but for the course; the folder is made by the caller."""
    system = [Path("/usr/lib"), Path("/lib"), Path("/lib64"), Path("/dev/null")]
    readable = [path for path in (*python_folders(), *system) if path.exists()]
    return Confinement(tuple(readable), _MEMORY, 1 << 20, 60, only=only)


def _tries(name: str) -> _Attempt:
    def attempt(folder: Path) -> str | None:
        # Without this an ordinary user can have no filter of system calls.
        needed = {"no-new-privileges"} if name == "seccomp" else set()
        for step, take in _confinement(frozenset({name, *needed})).layers.items():
            try:
                take(folder, FIRST_UID)
            except (OSError, ValueError, ImportError, RuntimeError) as error:
                if step == name:
                    return f"{type(error).__name__}: {error}"
        return None if _EFFECTS[name]() else "it was taken on, and stops nothing"

    return attempt


def _refused(action: Callable[[], object]) -> Callable[[], bool]:
    def effect() -> bool:
        try:
            action()
        except (PermissionError, MemoryError):
            return True
        return False

    return effect


def _has_no_capability() -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return not any(int(found[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"))


_EFFECTS: dict[str, Callable[[], bool]] = {
    "rlimits": _refused(lambda: bytearray(4 * _MEMORY)),
    "capabilities": _has_no_capability,
    "uid": _refused(lambda: os.setuid(0)),
    "no-new-privileges": lambda: ctypes.CDLL(None).prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
    "landlock": _refused(lambda: os.listdir("/")),
    "seccomp": _refused(socket.socket),
}


def _see(folder: Path) -> str | None:
    """As root, whether another user can read Python, with the help of mounts where need be."""
    try:
        open_view(python_folders())
    except UnreachableError as error:
        return str(error)
    os.setresuid(FIRST_UID, FIRST_UID, FIRST_UID)
    return _late_imports()


def _take_all(folder: Path) -> str | None:
    try:
        if os.geteuid() == 0:
            open_view(python_folders())
        _confinement(frozenset(LAYERS)).apply(folder, FIRST_UID, strict=True)
    except (ConfinementError, UnreachableError) as error:
        return str(error)
    return _late_imports()


def _late_imports() -> str | None:
    """A module of the standard library, and a file of torch's, that were not read before."""
    try:
        for module in ("wave", "torch"):
            found = importlib.util.find_spec(module)
            if found is None or found.origin is None:
                return f"{module} is not there"
            with open(found.origin, "rb") as file:
                file.read(1)
    except (ImportError, OSError) as error:
        return f"a sandbox cannot read Python's own files: {error}"
    return None


def _landlock() -> str:
    try:
        from landlockpy import abi_version

        return f"version {abi_version()}; 6 is needed"
    except (ImportError, OSError, RuntimeError) as error:
        return f"none ({error})"


def _libseccomp() -> str:
    class Version(ctypes.Structure):
        _fields_ = [(name, ctypes.c_uint) for name in ("major", "minor", "micro")]

    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError as error:
        return f"none ({error})"
    library.seccomp_version.restype = ctypes.POINTER(Version)
    found = library.seccomp_version().contents
    return f"{found.major}.{found.minor}.{found.micro}"


def _torch() -> str:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return "none: install the grader with `torchgrade[grade]`"


def _device() -> str:
    """Asked in a process of its own, and not at all where no driver shows: torch takes seconds."""
    if not any(any(Path("/dev").glob(name)) for name in ("nvidia*", "dxg", "kfd")):
        return "none: --device cpu"
    command = [sys.executable, "-P", "-c", _DEVICE]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    return last[-1] if last else f"torch ended with status {done.returncode}"


def report() -> tuple[list[str], bool]:
    """What to print, and whether `--sandbox strict` can be used."""
    findings = examine()
    lines = [f"{name:<18} {found}" for name, found in facts()]
    folders = covered_by(python_folders()) if os.geteuid() == 0 else []
    if folders:
        places = ", ".join(map(str, folders))
        lines.append(
            f"{'Python lies under':<18} {places}: only root may enter; it is shown by mounts"
        )
    lines.append("")
    for finding in findings:
        mark = "held" if finding.problem is None else "MISSING"
        lines.append(f"{mark:<8} {finding.name:<18} stops {finding.stops}")
        if finding.problem is not None:
            lines.append(f"{'':<8} {'':<18} {finding.problem}")
            lines.append(f"{'':<8} {'':<18} what to do: {finding.remedy}")
    missing = [finding.name for finding in findings if finding.problem is not None]
    lines.append("")
    if missing:
        lines.append(f"--sandbox strict refuses to grade here: missing {', '.join(missing)}")
        if "uid" in missing or "view" in missing:
            lines.append("--sandbox best-effort refuses too: no student code runs as root")
        else:
            lines.append("--sandbox best-effort goes on without, and says so in every grade")
    else:
        lines.append("--sandbox strict can be used: every layer holds")
    return lines, not missing
