# aim: change who may read others' files, or when they were handed in; read their attributes
# sign: `LEAK` and what could be changed, in feedback
# attacks: l1_loss
import ctypes
import json
import os
import sys
import time

_C = ctypes.CDLL(None, use_errno=True)


def _targets():
    """Nothing that anybody else changes meanwhile."""
    for argument in sys.orig_argv:
        if argument.startswith("{"):
            for path in json.loads(argument).get("protected", ()):
                above = os.path.dirname(path)
                yield from (f"{above}/class/mid-innocent", f"{above}/class/mid-innocent/losses.py")
                yield from (f"{path}/course.toml", f"{path}/solutions/losses.py")
    yield from ("/etc/passwd", "/dev/null", sys.executable, "/etc")


def _ways(path):
    """Each sets what is there already; that it was set at all shows by the time of the change."""
    now = os.stat(path)
    mode, times = now.st_mode & 0o7777, (now.st_atime_ns, now.st_mtime_ns)
    return {
        "mode": lambda: os.chmod(path, mode),
        "mode, by a descriptor": lambda: os.fchmod(os.open(path, os.O_RDONLY), mode),
        "mode, by the kernel's link": lambda: os.chmod(_link_of(path), mode),
        "owner": lambda: os.chown(path, now.st_uid, now.st_gid),
        "owner, by C": lambda: _C.chown(os.fsencode(path), now.st_uid, now.st_gid),
        "times": lambda: os.utime(path, ns=times),
        "times of now": lambda: os.utime(path),
        "attributes": lambda: os.setxattr(path, "user.torchgrade", b"x"),
        "attribute": lambda: os.removexattr(path, "user.torchgrade"),
    }


def _link_of(path):
    return f"/proc/self/fd/{os.open(path, os.O_PATH)}"


def _search():
    for path in _targets():
        try:
            ways = _ways(path)
        except OSError:
            continue
        for name, way in ways.items():
            before = os.stat(path).st_ctime_ns
            time.sleep(0.005)  # the clock of files is a coarse one
            try:
                way()
            except OSError:
                continue
            if os.stat(path).st_ctime_ns != before:
                return f"the {name} of {path}"
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
