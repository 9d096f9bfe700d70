"""Confinement: what a forked child gives up for good before any student code runs.

Each layer is a function of its own, applied in the order of LAYERS; a layer that the kernel lacks
raises, and it is the caller's level that decides whether to go on without it. This module runs
inside the sandbox: it imports the standard library and the two libraries that make the system
calls.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

FIRST_UID = 61184  # systemd's range for dynamic users: nothing of the machine's own runs there
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_THREAD = 0x10000
_ENOSYS = 38
_EPERM = 1
_THREADS = 128
_OPEN_FILES = 256

_DENIED_CALLS = """
    socket socketpair connect bind listen accept accept4
    execve execveat fork vfork
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_getfd pidfd_send_signal
    ptrace process_vm_readv process_vm_writev kcmp
    mount umount2 pivot_root chroot unshare setns fsopen fsmount move_mount open_tree
    bpf perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd
    keyctl add_key request_key
    init_module finit_module delete_module kexec_load reboot swapon swapoff
    shmget msgget semget mq_open memfd_create setsid setpgid
    ioprio_set migrate_pages move_pages process_madvise process_mrelease
""".split()
# A grader that is not root's has the user of its sandboxes, whose limits and priority they could
# change: these calls are for a process's own, which is called 0, in the argument of this position.
_DENIED_FOR_OTHERS = {
    "prlimit64": (0,),
    "sched_setaffinity": (0,),
    "sched_setattr": (0,),
    "sched_setparam": (0,),
    "sched_setscheduler": (0,),
    "setpriority": (0, 1),  # neither a group's, nor a user's, nor another process's
}


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

    @property
    def layers(self) -> dict[str, Callable[[Path, int], None]]:
        """The layers in the order in which they are applied; the uid is dropped only by root."""
        steps: dict[str, Callable[[Path, int], None]] = {"rlimits": self._limit_resources}
        if os.getuid() == 0:
            steps["uid"] = self._drop_user
        steps["no-new-privileges"] = self._keep_privileges_down
        steps["landlock"] = self._restrict_files
        steps["seccomp"] = self._restrict_calls
        return steps

    def apply(self, folder: Path, uid: int, strict: bool) -> list[str]:
        """Confine this process for good to `folder`; returns the layers that hold.

        Raises ConfinementError at the first layer that fails where `strict`.
        """
        held = []
        for name, step in self.layers.items():
            try:
                step(folder, uid)
            except (OSError, ValueError, ImportError, RuntimeError) as error:
                if strict:
                    raise ConfinementError(f"{name}: {error}") from None
            else:
                held.append(name)
        return held

    def _limit_resources(self, folder: Path, uid: int) -> None:
        if not self.devices:  # a GPU context maps far more address space than it uses
            _limit(resource.RLIMIT_AS, address_space() + self.memory_bytes)
        # The soft limit's signal ends the process; the hard one ends it where that is caught.
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu_seconds, self.cpu_seconds + 1))
        _limit(resource.RLIMIT_FSIZE, self.file_bytes)
        _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
        _limit(resource.RLIMIT_CORE, 0)
        if os.getuid() == 0:  # the limit counts a user's processes: only its own user can have one
            _limit(resource.RLIMIT_NPROC, _THREADS)

    def _drop_user(self, folder: Path, uid: int) -> None:
        os.chown(folder, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)

    def _keep_privileges_down(self, folder: Path, uid: int) -> None:
        die_with_parent()  # after the change of user, which would clear it
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)

    def _restrict_files(self, folder: Path, uid: int) -> None:
        from landlockpy import AccessFS, AccessNet, Ruleset, Scope, abi_version

        if abi_version() < 6:
            raise OSError(f"the kernel has Landlock version {abi_version()}; 6 is needed")
        read_file, read_tree = AccessFS.READ_FILE, AccessFS.READ_FILE | AccessFS.READ_DIR
        everything = AccessFS((1 << 16) - 1)
        private = everything & ~(
            AccessFS.EXECUTE | AccessFS.MAKE_CHAR | AccessFS.MAKE_BLOCK | AccessFS.IOCTL_DEV
        )
        with Ruleset(
            handled_fs=everything,
            handled_net=AccessNet.BIND_TCP | AccessNet.CONNECT_TCP,
            scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL,
            best_effort=False,
        ) as ruleset:
            for path in self.readable:
                ruleset.allow_path(path, read_tree if path.is_dir() else read_file)
            for path in self.devices:
                ruleset.allow_path(path, read_file | AccessFS.WRITE_FILE | AccessFS.IOCTL_DEV)
            ruleset.allow_path(folder, private)
            ruleset.restrict()

    def _restrict_calls(self, folder: Path, uid: int) -> None:
        import pyseccomp

        calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for name in _DENIED_CALLS:
            try:
                calls.add_rule(pyseccomp.ERRNO(_EPERM), name)
            except (ValueError, OSError):
                if name not in _ABSENT_ON_SOME_ARCHITECTURES:
                    raise
        for name, positions in _DENIED_FOR_OTHERS.items():
            for position in positions:
                is_other = pyseccomp.Arg(position, pyseccomp.NE, 0)
                calls.add_rule(pyseccomp.ERRNO(_EPERM), name, is_other)
        # A thread is a clone with CLONE_THREAD; the C library falls back to it from clone3.
        is_process = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0)
        calls.add_rule(pyseccomp.ERRNO(_EPERM), "clone", is_process)
        calls.add_rule(pyseccomp.ERRNO(_ENOSYS), "clone3")
        calls.load()


_ABSENT_ON_SOME_ARCHITECTURES = {"fork", "vfork"}


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
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def close_descriptors(kept: int) -> None:
    """Close every descriptor but `kept`; the standard three lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.closerange(3, kept)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


_libc = ctypes.CDLL(None, use_errno=True)
