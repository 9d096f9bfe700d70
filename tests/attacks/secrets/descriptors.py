# aim: use descriptors that were inherited: files, folders, sockets to others, other processes
# sign: `LEAK` and what kind it is of, in feedback
# attacks: l1_loss
import array
import fcntl
import os
import socket
import stat

_CHANNELS = 1  # a sandbox has one, to the examiner


def _described(descriptor):
    """What a descriptor leads to; None where there is none."""
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    null = os.stat("/dev/null")
    if stat.S_ISCHR(found.st_mode) and found.st_rdev == null.st_rdev:
        return "nowhere"
    try:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        path = f"mode {found.st_mode:o}"
    if stat.S_ISSOCK(found.st_mode):
        return "channel"
    if path.startswith(os.getcwd()):
        return "own"
    return path


def _passed_on(descriptor):
    """Descriptors that wait on a socket, to be received by whoever asks first."""
    try:
        copy = socket.socket(fileno=os.dup(descriptor))
    except OSError:
        return []
    with copy:
        room = socket.CMSG_SPACE(16 * array.array("i").itemsize)
        try:
            flags = socket.MSG_DONTWAIT | socket.MSG_PEEK
            _, ancillary, _, _ = copy.recvmsg(1, room, flags)
        except OSError:
            return []
    return [data for _, kind, data in ancillary if kind == socket.SCM_RIGHTS]


def _search():
    found = {number: _described(number) for number in range(4096)}
    channels = [number for number, what in found.items() if what == "channel"]
    known = ("nowhere", "channel", "own", None)
    others = [what for what in found.values() if what not in known]
    if others:
        return f"a descriptor of {others[0]}"
    if len(channels) > _CHANNELS:
        return f"{len(channels)} sockets"
    for number in channels:
        if _passed_on(number):
            return "descriptors in a message"
        try:
            if fcntl.fcntl(number, fcntl.F_GETOWN) not in (0, os.getpid()):
                return "a socket of another's"
        except OSError:
            pass
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
