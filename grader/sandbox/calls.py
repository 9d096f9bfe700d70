"""The system calls of a sandbox: the finite list that torch, Python and threads need; no other.

What is not listed here is refused, also what future kernels add. Most calls act on the process
itself, on its descriptors or on paths that Landlock answers for; where a call can also reach other
processes or other users' files, its arguments decide. The filter is made once by the warm process,
in the kernel's own form, and put in place by each child.

This module runs inside the sandbox: it imports the standard library and pyseccomp.
"""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache
from typing import Any

# Refused by name, so that the reason shows: "Operation not permitted". The others are unknown.
_REFUSED = """
    socket socketpair connect bind listen accept accept4 sendmsg recvmsg sendmmsg recvmmsg
    execve execveat fork vfork
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_getfd pidfd_send_signal
    ptrace process_vm_readv process_vm_writev kcmp
    mount umount2 pivot_root chroot unshare setns fsopen fsmount move_mount open_tree
    bpf perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd
    keyctl add_key request_key
    init_module finit_module delete_module kexec_load reboot swapon swapoff
    shmget msgget semget mq_open memfd_create setsid setpgid
""".split()

# Refused also where a GPU's driver needs calls that nobody has listed: see `program`.
_REFUSED_WITH_A_GPU = """
    shmat shmctl shmdt msgsnd msgrcv msgctl semop semtimedop semctl mq_unlink
    process_madvise process_mrelease migrate_pages
    mount_setattr open_by_handle_at name_to_handle_at quotactl quotactl_fd acct syslog
    settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname
    fanotify_init inotify_init inotify_init1 sched_setscheduler sched_setparam sched_setattr
    chown fchown lchown fchownat modify_ldt ioperm iopl
""".split()

_ALLOWED = """
    read write pread64 pwrite64 readv writev preadv pwritev preadv2 pwritev2 lseek
    open openat openat2 creat close close_range dup dup2 dup3 pipe pipe2
    stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2
    readlink readlinkat getdents getdents64 getcwd chdir fchdir umask
    rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink symlinkat
    truncate ftruncate fallocate fadvise64 fsync fdatasync copy_file_range sendfile
    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime
    getsockopt getsockname getpeername
    brk mmap munmap mprotect mremap madvise msync mlock munlock get_mempolicy
    futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list set_tid_address rseq
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend
    sigaltstack pause restart_syscall exit exit_group wait4 waitid
    getpid getppid gettid getpgid getpgrp getsid getuid geteuid getgid getegid
    getresuid getresgid getgroups capget
    sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_getattr
    sched_get_priority_max sched_get_priority_min sched_rr_get_interval getpriority getcpu
    time gettimeofday clock_gettime clock_getres nanosleep clock_nanosleep times
    getitimer setitimer alarm getrusage getrlimit sysinfo uname getrandom arch_prctl
""".split()

# Landlock has no say about these: as an ordinary user, a sandbox could close the gradebook to its
# owner. In their own folder students do use them, by shutil.copy: there "done" without doing is
# what hurts nobody, while an error would.
_PRETENDED = "chmod fchmod fchmodat fchmodat2 flock".split()
_WITHOUT_ATTRIBUTES = """
    setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr
    listxattr llistxattr flistxattr removexattr lremovexattr fremovexattr
""".split()

_CLONE_THREAD = 0x10000
# What would give a thread namespaces of its own or a tracer: all that begins with CLONE_NEW, and
# CLONE_PTRACE, CLONE_UNTRACED.
_CLONE_REFUSED = 0x7E020000 | 0x2000 | 0x800000 | 0x80
_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
_FCNTL = (0, 1, 2, 3, 4, 5, 36, 1030)  # F_DUPFD to F_GETLK, F_OFD_GETLK, F_DUPFD_CLOEXEC
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, FICLONE
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x40049409)
# PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, the sizes of ARM's vectors
_PRCTL = (15, 16, 23, 39, 51, 64)
_PEEK_WAIT = 0x2 | 0x40 | 0x100 | 0x4000  # MSG_PEEK, DONTWAIT, WAITALL, NOSIGNAL; not MSG_OOB
_RLIMIT_CORE = 4

_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_KEYCTL_JOIN_SESSION_KEYRING = 1


@cache
def program(gpu: bool) -> bytes:
    """The filter as the kernel's instructions; RuntimeError or OSError where libseccomp lacks.

    A GPU's driver needs more calls than anybody has listed: with `gpu` it is the refused ones that
    are listed, and everything else goes through.
    """
    import pyseccomp

    rules = _Rules(pyseccomp, pyseccomp.ALLOW if gpu else pyseccomp.ERRNO(errno.ENOSYS))
    rules.refuse(_REFUSED + (_REFUSED_WITH_A_GPU if gpu else []))
    rules.answer(0, _PRETENDED)
    rules.pretend_times()
    rules.answer(errno.ENOTSUP, _WITHOUT_ATTRIBUTES)
    if gpu:
        rules.refuse_others()
    else:
        rules.allow_own()
    return rules.compiled()


def restrict_calls(gpu: bool) -> None:
    """Put the filter in place, for this thread and all it starts; OSError where it cannot be."""
    instructions = program(gpu)
    text = ctypes.create_string_buffer(instructions, len(instructions))
    filter = _Program(len(instructions) // 8, ctypes.cast(text, ctypes.c_void_p))
    if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, errno.errorcode.get(number, str(number)))


def leave_keyrings() -> None:
    """Take an empty session keyring for this process and its children; OSError where none is had.

    Once for all sandboxes: each keyring counts against its user's quota for a while after its end.
    """
    import pyseccomp

    number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, "keyctl")
    if _libc.syscall(number, _KEYCTL_JOIN_SESSION_KEYRING, None) < 0:
        raise OSError(ctypes.get_errno(), "keyctl")


class _Program(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


class _Rules:
    """The filter while it is made."""

    def __init__(self, pyseccomp: Any, otherwise: int) -> None:
        self._library = pyseccomp
        self._otherwise = otherwise
        self._filter = pyseccomp.SyscallFilter(otherwise)
        # Calls of another architecture (32-bit, x32) have other numbers: none may pass as another.
        self._filter.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)

    def add(self, action: int, name: str, *arguments: Any) -> None:
        """One rule. A call that this architecture or library does not know needs none.

        Where calls are allowed by name this errs on the safe side. Where they are refused by name,
        only an old libseccomp can be ignorant of a call that the kernel has.
        """
        if action == self._otherwise:
            return
        try:
            number = self._library.resolve_syscall(self._library.Arch.NATIVE, name)
        except (ValueError, OSError):
            return
        if number >= 0:
            self._filter.add_rule(action, number, *arguments)

    def refuse(self, names: list[str]) -> None:
        self.answer(errno.EPERM, names)

    def answer(self, error: int, names: list[str]) -> None:
        for name in names:
            self.add(self._library.ERRNO(error), name)

    def pretend_times(self) -> None:
        """Times given, as shutil.copy2 does, count as set. "Now" is refused: Path.touch asks for it
        to find out whether there is a file, and makes one where that fails.
        """
        now = self._library.Arg(2, self._library.EQ, 0)
        given = self._library.Arg(2, self._library.NE, 0)
        self.add(self._library.ERRNO(errno.EPERM), "utimensat", now)
        self.add(self._library.ERRNO(0), "utimensat", given)
        self.refuse("utime utimes futimesat".split())

    def allow_own(self) -> None:
        """The calls that torch and Python need, on nobody but this process."""
        allow, refuse = self._library.ALLOW, self._library.ERRNO(errno.EPERM)
        for name in _ALLOWED:
            self.add(allow, name)
        # A thread is a clone with CLONE_THREAD; the C library falls back to it from clone3.
        self.add(allow, "clone", self._masked(0, _CLONE_THREAD | _CLONE_REFUSED, _CLONE_THREAD))
        self.add(refuse, "clone", self._masked(0, _CLONE_THREAD, 0))
        # Of another pid of the same user the limits could be lowered, and it would be killed.
        self.add(refuse, "prlimit64", self._library.Arg(0, self._library.NE, 0))
        self.add(allow, "prlimit64", self._is(0, 0), self._library.Arg(2, self._library.EQ, 0))
        for limit in set(range(16)) - {_RLIMIT_CORE}:  # which stands for "no core dump": confine.py
            self.add(allow, "prlimit64", self._is(0, 0), self._is(1, limit))
            self.add(allow, "setrlimit", self._is(0, limit))
        self.add(allow, "sched_setaffinity", self._is(0, 0))
        self.add(allow, "setpriority", self._is(0, 0), self._is(1, 0))
        self.add(allow, "ioprio_set", self._is(0, 1), self._is(1, 0))
        for name in ("sendto", "recvfrom"):
            self.add(allow, name, self._masked(3, 0xFFFFFFFF ^ _PEEK_WAIT, 0))
        for name, place, values in (
            ("fcntl", 1, _FCNTL),
            ("ioctl", 1, _IOCTL),
            ("prctl", 0, _PRCTL),
        ):
            for value in values:
                self.add(allow, name, self._is(place, value))
        for value in _LOCKS:  # nobody else takes part in them
            self.add(self._library.ERRNO(0), "fcntl", self._is(1, value))

    def refuse_others(self) -> None:
        """The calls that a GPU's driver may need, but on nobody but this process."""
        refuse, different = self._library.ERRNO(errno.EPERM), self._library.NE
        self.add(refuse, "clone", self._masked(0, _CLONE_THREAD, 0))
        self.add(self._library.ERRNO(errno.ENOSYS), "clone3")
        for name, place, own in (
            ("prlimit64", 0, 0),
            ("sched_setaffinity", 0, 0),
            ("setpriority", 0, 0),
            ("setpriority", 1, 0),
            ("ioprio_set", 0, 1),
            ("ioprio_set", 1, 0),
            ("move_pages", 0, 0),
        ):
            self.add(refuse, name, self._library.Arg(place, different, own))

    def compiled(self) -> bytes:
        with open(os.memfd_create("filter"), "w+b") as file:
            self._filter.export_bpf(file)
            file.seek(0)
            return file.read()

    def _is(self, place: int, value: int) -> Any:
        return self._masked(place, 0xFFFFFFFF, value)  # the kernel reads these as 32 bits

    def _masked(self, place: int, mask: int, value: int) -> Any:
        return self._library.Arg(place, self._library.MASKED_EQ, mask, value)


_libc = ctypes.CDLL(None, use_errno=True)
