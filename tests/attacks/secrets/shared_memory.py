# aim: read memory, messages and keys that other programs of this machine share
# sign: `LEAK` and what kind, in feedback
# attacks: l1_loss
import ctypes
import os
from multiprocessing import shared_memory

_C = ctypes.CDLL(None, use_errno=True)
_C.shmat.restype = ctypes.c_void_p
_IPC_CREAT, _IPC_RMID, _INFO, _STAT = 0o1000, 0, 14, 13
_KEYRINGS = (-1, -2, -3, -4, -5)
_KEYCTL_DESCRIBE, _KEYCTL_GET_KEYRING_ID = 6, 0


def _of_system_v():
    """Segments, queues and semaphores: made, and those of others found by their numbers."""
    room = ctypes.create_string_buffer(4096)
    made = {
        "a segment": (_C.shmget(0, 4096, _IPC_CREAT | 0o600), _C.shmctl),
        "a queue": (_C.msgget(0, _IPC_CREAT | 0o600), _C.msgctl),
        "a semaphore": (_C.semget(0, 1, _IPC_CREAT | 0o600), lambda n, c, _: _C.semctl(n, 0, c)),
    }
    for number, control in made.values():  # nothing of it stays
        if number >= 0:
            control(number, _IPC_RMID, None)
    for kind, (number, _) in made.items():
        if number >= 0:
            return f"{kind} could be made"
    for number in range(64):
        if _C.shmat(number, None, 0o10000) not in (None, 2**64 - 1):
            return f"segment {number} could be read"
    for name, calls in {"segments": _C.shmctl, "queues": _C.msgctl}.items():
        if calls(0, _INFO, room) >= 0:
            return f"{name} can be counted"
        if any(calls(index, _STAT, room) >= 0 for index in range(16)):
            return f"{name} can be found"
    if _C.semctl(0, 0, 19, room) >= 0:  # SEM_INFO
        return "semaphores can be counted"
    return ""


def _of_posix():
    try:
        segment = shared_memory.SharedMemory(create=True, size=4096)
        segment.close()
        segment.unlink()
        return "a segment of POSIX could be made"
    except OSError:
        pass
    try:
        if os.listdir("/dev/shm") is not None:
            return "the segments of POSIX can be listed"
    except OSError:
        pass
    _C.mq_open.restype = ctypes.c_int
    if _C.mq_open(b"/torchgrade-attack", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0:
        _C.mq_unlink(b"/torchgrade-attack")
        return "a queue of POSIX could be made"
    return ""


def _keys():
    call = _C.syscall
    for keyring in _KEYRINGS:
        room = ctypes.create_string_buffer(256)
        ring = call(250, _KEYCTL_GET_KEYRING_ID, keyring, 0, 0, 0)
        if ring >= 0 and call(250, _KEYCTL_DESCRIBE, ring, room, 256, 0) > 0:
            return "a keyring"
    return "a key could be added" if call(248, b"user", b"torchgrade", b"x", 1, -3) >= 0 else ""


def _search():
    return _of_system_v() or _of_posix() or _keys()


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
