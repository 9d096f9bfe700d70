"""Confinement: what a forked child gives up for good before any student code runs.

Each layer is a function of its own; one that the kernel lacks raises, and it is the caller's level
that decides whether to go on without it. Only root's own uid is never a matter of level: student
code does not run as root, whatever else is missing. This module runs inside the sandbox: it imports
the standard library and the two libraries that make the system calls.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from grader.sandbox.calls import program, restrict_calls
from grader.sandbox.files import SharedFiles, ruleset

FIRST_UID = 61184  # systemd's range for dynamic users: nothing of the machine's own runs there
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_READ, _PR_CAPBSET_DROP = 1, 4, 23, 24
_PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 15, 36
_PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 28, 38, 47, 4
# No capability comes with uid 0 any more, none is kept or raised across a change, all for good.
_SECURE_BITS = 0x01 | 0x02 | 0x08 | 0x20 | 0x40 | 0x80
_CAP_CHOWN, _CAP_SETGID, _CAP_SETUID = 0, 6, 7
_CAPABILITIES = range(64)  # the kernel knows 41 of them
_CAPABILITY_VERSION = 0x20080522
_THREADS = 128
_OPEN_FILES = 256

LAYERS = ("rlimits", "capabilities", "uid", "no-new-privileges", "landlock", "seccomp")


class ConfinementError(Exception):
    """A layer could not be put in place; says which and why."""


@dataclass(frozen=True)
class Confinement:
    """What a child may still use: prepared once in the warm process, applied in every child."""

    readable: tuple[Path, ...]
    memory_bytes: int
    file_bytes: int
    cpu_seconds: int
    devices: tuple[Path, ...] = ()
    shared: SharedFiles | None = None  # in place of most of the work on `readable`
    only: frozenset[str] = frozenset(LAYERS)  # tests switch layers off here; no command can
    required: frozenset[str] = frozenset()  # what held when the server tried: never less than that

    @property
    def layers(self) -> dict[str, Callable[[Path, int], None]]:
        """The layers in the order in which they are applied; the uid is dropped only by root."""
        steps: dict[str, Callable[[Path, int], None]] = {
            "rlimits": self._limit_resources,
            "capabilities": self._drop_capabilities,
            "uid": self._drop_user,
            "no-new-privileges": self._keep_privileges_down,
            "landlock": self._restrict_files,
            "seccomp": self._restrict_calls,
        }
        root = os.geteuid() == 0
        return {
            name: step
            for name, step in steps.items()
            if name in self.only and (root or name != "uid")
        }

    def apply(self, folder: Path, uid: int, strict: bool) -> list[str]:
        """Confine this process for good to `folder`; returns the layers that hold.

        Raises ConfinementError, naming every layer that failed, where `strict`; and always where
        root could not become another user, or a layer is missing that is `required`.
        """
        held, missing = [], {}
        for name, step in self.layers.items():
            try:
                step(folder, uid)
            except (OSError, ValueError, ImportError, RuntimeError) as error:
                missing[name] = str(error)
            else:
                held.append(name)
        if "uid" in missing:
            raise ConfinementError(
                f"uid: {missing['uid']}: no student code runs as root; grade as an ordinary user"
            )
        if missing if strict else missing.keys() & self.required:
            raise ConfinementError("; ".join(f"{name}: {why}" for name, why in missing.items()))
        if "uid" in self.only:
            _require_nothing_of_root()
        return held

    def _limit_resources(self, folder: Path, uid: int) -> None:
        if not self.devices:  # a GPU context maps far more address space than it uses
            _limit(resource.RLIMIT_AS, address_space() + self.memory_bytes)
        # The soft limit's signal ends the process; the hard one ends it where that is caught.
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds, self.cpu_seconds + 1))
        _limit(resource.RLIMIT_FSIZE, self.file_bytes)
        _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
        # One byte is what also keeps a core from the program that a machine may pipe it to; a
        # limit of 0 does not (core(5)).
        _limit(resource.RLIMIT_CORE, 1)
        if os.getuid() == 0:  # the limit counts a user's processes: only its own user can have one
            _limit(resource.RLIMIT_NPROC, _THREADS)

    def _drop_capabilities(self, folder: Path, uid: int) -> None:
        changes_user = "uid" in self.layers
        if os.geteuid() == 0:
            for capability in _CAPABILITIES:
                if _libc.prctl(_PR_CAPBSET_READ, capability, 0, 0, 0) > 0:
                    _prctl(_PR_CAPBSET_DROP, capability)
            _prctl(_PR_SET_SECUREBITS, _SECURE_BITS)
        if _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0:
            _raise_errno()
        # What is needed to become another user is lost by becoming another user.
        needed = (_CAP_CHOWN, _CAP_SETGID, _CAP_SETUID) if changes_user else ()
        _set_capabilities(sum(1 << capability for capability in needed))

    def _drop_user(self, folder: Path, uid: int) -> None:
        os.chown(folder, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        # A sandbox of an ordinary user stays as it is: the examiner, who has no other right to,
        # watches what it keeps open.
        _prctl(_PR_SET_DUMPABLE, 0)

    def _keep_privileges_down(self, folder: Path, uid: int) -> None:
        die_with_parent()  # after the change of user, which would clear it
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)

    def _restrict_files(self, folder: Path, uid: int) -> None:
        paths = self.readable
        if self.shared is not None:
            self.shared.restrict()
            paths = self.shared.roots
        own = ruleset(paths, self.devices, folder)
        try:
            own.restrict()
        finally:
            own.close()

    def _restrict_calls(self, folder: Path, uid: int) -> None:
        restrict_calls(gpu=bool(self.devices))


def prepare_layers(gpu: bool) -> None:
    """Import and make, once, what the layers need: a process that is half confined cannot."""
    with contextlib.suppress(ImportError, RuntimeError, OSError):  # what is missing says so itself
        program(gpu)
    with contextlib.suppress(ImportError, RuntimeError, OSError):
        import landlockpy

        landlockpy.abi_version()


def readable_paths(roots: list[Path], protected: list[Path]) -> tuple[Path, ...]:
    """The roots, but none of what is protected: Landlock cannot take a folder out of a granted one.

    A root that contains something protected is replaced with its entries, and so on downwards.
    """
    found: list[Path] = []
    for root in dict.fromkeys(path.resolve() for path in roots if path.exists()):
        found.extend(_without(root, [path.resolve() for path in protected]))
    return tuple(dict.fromkeys(found))


def _without(path: Path, protected: list[Path]) -> Iterator[Path]:
    if path in protected:
        return
    inside = [secret for secret in protected if path in secret.parents]
    if not inside:
        yield path
        return
    for entry in sorted(path.iterdir()):
        if entry.exists() and not entry.is_symlink():
            yield from _without(entry, inside)


def address_space() -> int:
    """The size of this process's address space, in bytes."""
    descriptor = os.open("/proc/self/statm", os.O_RDONLY)  # open() itself would take a millisecond
    try:
        return int(os.read(descriptor, 100).split()[0]) * os.sysconf("SC_PAGE_SIZE")
    finally:
        os.close(descriptor)


def close_descriptors(kept: Collection[int]) -> None:
    """Close every descriptor but those `kept`; the standard three lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = descriptor + 1
    os.closerange(first, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans() -> None:
    """Have whatever descends from this process be its child where its own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_from_others() -> None:
    """Have no process of the same user read or trace this one, or the kernel dump its memory."""
    _prctl(_PR_SET_DUMPABLE, 0)


def name_process(name: str) -> None:
    """What `ps` and /proc/PID/comm call this process from now on; 15 bytes of it."""
    _libc.prctl(_PR_SET_NAME, ctypes.c_char_p(name.encode()), 0, 0, 0)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def _require_nothing_of_root() -> None:
    """Make sure of it: student code comes next."""
    if 0 in os.getresuid():
        raise ConfinementError("uid: this process is still root: grade as an ordinary user")
    effective, permitted, inheritable = _capabilities()
    if effective | permitted | inheritable:
        raise ConfinementError("capabilities: this process still has some: grade without any")


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilityData(ctypes.Structure):
    """The lower 32 bits of three sets, then the upper ones."""

    _fields_ = (("sets", ctypes.c_uint32 * 3 * 2),)


def _capabilities() -> tuple[int, int, int]:
    """The effective, permitted and inheritable capabilities, as bits."""
    data = _CapabilityData()
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    if _libc.capget(ctypes.byref(header), ctypes.byref(data)) != 0:
        _raise_errno()
    low, high = data.sets
    return low[0] | high[0] << 32, low[1] | high[1] << 32, low[2] | high[2] << 32


def _set_capabilities(bits: int) -> None:
    """Keep these, as far as they are permitted; none is inheritable."""
    bits &= _capabilities()[1]
    data = _CapabilityData()
    for half in (0, 1):
        data.sets[half][0] = data.sets[half][1] = bits >> 32 * half & 0xFFFFFFFF
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    if _libc.capset(ctypes.byref(header), ctypes.byref(data)) != 0:
        _raise_errno()


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        _raise_errno()


def _raise_errno() -> NoReturn:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number))


_libc = ctypes.CDLL(None, use_errno=True)
