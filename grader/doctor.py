"""`grader doctor`: what this machine has of what grading needs, by trying it.

Each layer of the sandbox is put in place in a forked process, on top of those before it, and then
asked for what it must stop: a kernel that says yes and does nothing counts as one that lacks it.
Nothing here imports torch.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import resource
import runpy
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.sandbox import calls
from grader.sandbox.confine import FIRST_UID, Confinement, readable_paths
from grader.sandbox.view import UnreachableError, covered_by, open_view, python_folders

_PACKAGES = ("torch", "torchvision", "msgpack", "sqlalchemy", "landlockpy", "pyseccomp")
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_INSTALL = "pip install 'torchgrade[grade]'"
_PR_GET_NO_NEW_PRIVS = 39
_MADE_BY = {"landlock": "landlockpy", "seccomp": "pyseccomp"}
_SECONDS = 30.0  # that a layer may take


@dataclass(frozen=True)
class Trial:
    """One layer: what it stops; where it does not hold, what is missing and what to do."""

    name: str
    stops: str
    missing: str | None = None
    cure: str | None = None


@dataclass(frozen=True)
class Diagnosis:
    """What was found on this machine; `wanting` are the packages that are not installed."""

    facts: dict[str, str]
    trials: tuple[Trial, ...]
    wanting: tuple[str, ...]

    @property
    def strict(self) -> bool:
        """Whether `--sandbox strict` can be used."""
        return not self.wanting and all(trial.missing is None for trial in self.trials)


def diagnose() -> Diagnosis:
    """Try everything; a second's work."""
    wanting = tuple(name for name in _PACKAGES if importlib.util.find_spec(name) is None)
    with tempfile.TemporaryDirectory(prefix="grader-doctor-") as folder:
        place = Path(folder)
        place.chmod(0o711)  # like a run's: others pass through to a folder of their own
        outside = place / "outside"
        outside.write_text("nobody in a sandbox may read this\n", encoding="ascii")
        outside.chmod(0o644)  # by its mode anybody could
        trials = tuple(_trials(place, outside))
    return Diagnosis(_facts(), trials, wanting)


# the layers


class _NoEffectError(Exception):
    """A layer was put in place without complaint, and does not stop what it is for."""


def _trials(place: Path, outside: Path) -> Iterator[Trial]:
    """Each layer on top of those before it that hold, as a sandbox applies them."""
    reachable = True
    if os.getuid() == 0:
        trial = _view_trial()
        reachable = trial.missing is None
        yield trial
    # Where Python cannot be reached, that is not to look like another layer's fault.
    folders = [*python_folders(), Path(__file__).parent] if reachable else []
    libraries = [Path(path) for path in _LIBRARIES]
    confinement = Confinement(
        readable=readable_paths([*folders, *libraries], []),
        memory_bytes=1 << 30,
        file_bytes=1 << 20,
        cpu_seconds=60,
    )
    held: list[str] = []
    for name, step in confinement.layers.items():
        private = place / name
        private.mkdir(mode=0o700)
        attempt = _Attempt(confinement, (*held, name), private, outside, reachable)
        missing = _failure(attempt.run)
        if missing is None:
            held.append(name)
        stops = _STOPS.get(name) or (step.__doc__ or "").strip().partition("\n")[0]
        yield Trial(name, stops, missing, missing and _cure(name, missing))


def _view_trial() -> Trial:
    """Whether the users of root's sandboxes reach Python, or a mount namespace lets them."""
    stops = "a verdict that depends on where Python lies"
    covered = covered_by([folder for folder in python_folders() if folder.exists()])
    if not covered:
        return Trial("python", stops)
    return Trial("python", stops, _failure(_open_view))  # what is missing says what to do


def _open_view() -> None:
    try:
        open_view(python_folders())
    except UnreachableError as error:
        raise OSError(str(error)) from None


@dataclass(frozen=True)
class _Attempt:
    """What a forked process does to try a layer on top of others."""

    confinement: Confinement
    names: tuple[str, ...]
    private: Path
    outside: Path
    reachable: bool

    def run(self) -> None:
        """Put the layers in place; raises what the last one does, or _NoEffectError."""
        for layer, library in _MADE_BY.items():  # while everything can still be imported
            try:
                importlib.import_module(library)
            except (ImportError, RuntimeError):
                if layer == self.names[-1]:
                    raise
        with contextlib.suppress(ImportError, RuntimeError, OSError):
            calls.program(False)
        if self.reachable and os.getuid() == 0:
            _open_view()
        os.chdir(self.private)
        tempfile.tempdir = str(self.private)
        steps = self.confinement.layers
        for name in self.names:
            steps[name](self.private, FIRST_UID)
        proof = _PROOFS.get(self.names[-1])
        if proof is not None:
            proof(self.outside)
        # By its whole path: every folder above must let the sandbox pass.
        (self.private / "own").write_text("students write here", encoding="ascii")


def _failure(action: Callable[[], None]) -> str | None:
    """Why an action fails in a forked process, in one line; None where it does not."""
    ours, childs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        _report(action, childs)
    childs.close()
    with ours:
        ours.settimeout(_SECONDS)
        try:
            said = ours.recv(1 << 16)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            said = json.dumps(f"it took longer than {_SECONDS:g} s").encode()
    _, status = os.waitpid(pid, 0)
    if not said:
        if os.WIFSIGNALED(status):
            which = signal.Signals(os.WTERMSIG(status)).name
            return f"the process that tried it was ended by {which}"
        return "the process that tried it ended"
    found: str | None = json.loads(said)
    return found


def _report(action: Callable[[], None], channel: socket.socket) -> None:
    """Act, say how it went and end; the sandbox's own calls are all that is left to do it with."""
    found: str | None = "it failed"
    try:
        action()
        found = None
    except _NoEffectError as error:
        found = f"it was put in place, and {error}"
    except OSError as error:
        found = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
    finally:
        os.write(channel.fileno(), json.dumps(" ".join(found.split()) if found else None).encode())
        os._exit(0)


# what each layer stops, shown by doing it


def _limits_are_set(outside: Path) -> None:
    for name in ("RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_AS"):
        if resource.getrlimit(getattr(resource, name))[1] == resource.RLIM_INFINITY:
            raise _NoEffectError(f"{name} has no limit")


def _mounts_are_refused(outside: Path) -> None:
    _must_be_refused(lambda: os.chroot("/"), "a capability is left: chroot works")


def _is_not_root(outside: Path) -> None:
    if 0 in (*os.getresuid(), *os.getresgid(), *os.getgroups()):
        raise _NoEffectError("the process is still root")


def _gains_nothing(outside: Path) -> None:
    if ctypes.CDLL(None).prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1:
        raise _NoEffectError("a program could still give new privileges")


def _files_are_closed(outside: Path) -> None:
    _must_be_refused(outside.read_text, "a file outside can still be read")
    _must_be_refused(
        lambda: os.mkdir(outside.parent / "made"), "a folder can still be made outside"
    )


def _calls_are_refused(outside: Path) -> None:
    _must_be_refused(socket.socket, "a socket can still be made")
    _must_be_refused(lambda: os.kill(os.getpid(), 0), "a signal can still be sent")
    threading.Thread(target=len, args=("",)).start()  # RuntimeError where it stops too much


def _must_be_refused(action: Callable[[], object], otherwise: str) -> None:
    try:
        action()
    except OSError:
        return
    raise _NoEffectError(otherwise)


_STOPS = {
    "rlimits": "taking all memory, time, disk or threads",
    "capabilities": "mounts, devices, power over other processes",
    "uid": "what root may do, and reaching other sandboxes",
    "no-new-privileges": "gaining rights by a program such as sudo",
    "landlock": "reading the course, others' work and grades",
    "seccomp": "sockets, new processes, signals, spying",
}
_PROOFS: dict[str, Callable[[Path], None]] = {
    "rlimits": _limits_are_set,
    "capabilities": _mounts_are_refused,
    "uid": _is_not_root,
    "no-new-privileges": _gains_nothing,
    "landlock": _files_are_closed,
    "seccomp": _calls_are_refused,
}
_CURES = {
    "uid": "grade as an ordinary user, or in a container that may change its user",
    "landlock": (
        "take Linux 6.12 or newer with landlock among the lsm= of its command line; "
        "a container must let its system calls through"
    ),
    "seccomp": "take a kernel with CONFIG_SECCOMP_FILTER; a container must allow seccomp",
}


def _cure(name: str, missing: str) -> str:
    """What to do about a layer that is missing."""
    if "No module named" in missing:
        return _INSTALL
    if tempfile.gettempdir() in missing:
        return "set TMPDIR to a folder that every user may pass through, such as /tmp"
    if "libseccomp" in missing:
        return "install libseccomp: apt-get install libseccomp2, or your system's package of it"
    return _CURES.get(name, "grade on another machine, or in a container that may do this")


# the machine


def _facts() -> dict[str, str]:
    cores = len(os.sched_getaffinity(0))
    return {
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "cores": str(cores),
        "user": "root" if os.getuid() == 0 else f"{os.getuid()}, not root",
        "Landlock": _landlock(),
        "libseccomp": _libseccomp(),
        "Python": f"{platform.python_version()}, {sys.executable}",
        "torch": _torch(),
        "device": ", ".join(["cpu", *(f"cuda ({name})" for name in _gpus())]),
    }


def _landlock() -> str:
    try:
        import landlockpy

        version = landlockpy.abi_version()
        return f"version {version} (6 is needed)" if version else "none"
    except (ImportError, OSError) as error:
        return f"none ({getattr(error, 'strerror', None) or error})"


def _libseccomp() -> str:
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        return f"none ({error})"

    class Version(ctypes.Structure):
        _fields_ = tuple((part, ctypes.c_uint) for part in ("major", "minor", "micro"))

    library = pyseccomp._libseccomp  # the one that will be used, not another of that name
    library.seccomp_version.restype = ctypes.POINTER(Version)
    found = library.seccomp_version().contents
    return f"{found.major}.{found.minor}.{found.micro}"


def _torch() -> str:
    """Its version, and what it is built for, without importing it."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return f"not installed: {_INSTALL}"
    built = runpy.run_path(str(Path(spec.origin).with_name("version.py")))
    kind = f"built for CUDA {built['cuda']}" if built.get("cuda") else "built for CPU only"
    return f"{importlib.metadata.version('torch')}, {kind}"


def _gpus() -> Sequence[str]:
    """The names of the GPUs that the driver has, as its library tells; starts no CUDA."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return []
    count, names = ctypes.c_uint(), []
    if library.nvmlInit_v2() != 0:
        return []
    library.nvmlDeviceGetCount_v2(ctypes.byref(count))
    for number in range(count.value):
        device, name = ctypes.c_void_p(), ctypes.create_string_buffer(96)
        library.nvmlDeviceGetHandleByIndex_v2(number, ctypes.byref(device))
        library.nvmlDeviceGetName(device, name, len(name))
        names.append(name.value.decode("utf-8", "replace"))
    library.nvmlShutdown()
    return names


# what is shown


def show(console: Console, diagnosis: Diagnosis) -> None:
    """The machine, the layers, and whether the strict sandbox can be used."""
    facts = _grid()
    for name, found in diagnosis.facts.items():
        facts.add_row(name, Text(found))
    console.print(facts)
    console.print()
    layers = _grid()
    for trial in diagnosis.trials:
        holds = trial.missing is None
        mark = Text("holds", "green") if holds else Text("missing", "red")
        layers.add_row(trial.name, mark, Text(f"stops {trial.stops}"))
        if not holds:
            layers.add_row("", "", Text(f"why: {trial.missing}", "red"))
            if trial.cure is not None:
                layers.add_row("", "", Text(f"do:  {trial.cure}"))
    console.print(layers)
    console.print()
    if diagnosis.wanting:
        console.print(Text(f"Not installed: {', '.join(diagnosis.wanting)}. Do: {_INSTALL}", "red"))
    missing = [trial.name for trial in diagnosis.trials if trial.missing is not None]
    if diagnosis.strict:
        console.print(Text("grade --sandbox strict can be used here.", "green"))
    elif missing:
        lacking = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing."
        console.print(Text(f"grade --sandbox strict cannot be used here: {lacking}", "red"))


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    return grid
