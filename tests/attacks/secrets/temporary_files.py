# aim: read what other programs leave in folders that everybody may list
# sign: `LEAK` and the folder, in feedback
# attacks: l1_loss
import glob
import os
import tempfile

_OPEN = (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/run",
    "/run/user",
    "/run/lock",
    "/dev/mqueue",
    "/dev/pts",
)
_MORE = (
    "/",
    "/home",
    "/root",
    "/var",
    "/var/log",
    "/etc",
    "/opt",
    "/srv",
    "/mnt",
    "/media",
    "/proc",
)
_FILES = ("/dev/tty", "/dev/ptmx", "/dev/kmsg", "/dev/mem", "/dev/random", "/dev/fuse", "/dev/kvm")


def _search():
    for folder in (*_OPEN, *_MORE):
        try:
            return f"{folder}: {len(os.listdir(folder))} entries"
        except OSError:
            pass
        if glob.glob(f"{folder}/*") or glob.glob(f"{folder}/.*"):
            return f"{folder}, by glob"
    for file in _FILES:
        try:
            os.close(os.open(file, os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            continue
        return file
    for folder in _OPEN:
        try:
            with tempfile.NamedTemporaryFile(dir=folder, prefix="torchgrade-attack"):
                return f"{folder} can be written"
        except OSError:
            pass
        try:
            os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR))
        except OSError:
            continue
        return f"{folder} can be written, without a name"
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
