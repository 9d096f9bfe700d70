"""A folder for as long as a process lives: what a killed one left behind is removed by the next.

It is in memory where the machine has a file system for that: each sandbox makes a folder of its own
in it and removes it, and on a disk that is a tenth of all that a submission costs.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from grader.sandbox.removal import remove_tree

_FOLDER_PREFIX = "torchgrade-"
_IN_MEMORY = Path("/dev/shm")
_ROOM = 1 << 30  # bytes that must be free there: the folders of sixteen sandboxes, by course.toml
_USERS_CHOICE = ("TMPDIR", "TEMP", "TMP")  # what tempfile heeds


def locked_folder() -> tuple[Path, int]:
    """A new folder of this process's own, and the descriptor that keeps it locked while it is open.

    What runs that were killed have left behind is removed first: nobody holds a lock on it.
    """
    place = _place()
    for where in {place, Path(tempfile.gettempdir())}:
        for old in where.glob(f"{_FOLDER_PREFIX}*"):
            lock = _lock(old)
            if lock is not None:
                remove_tree(old)
                os.close(lock)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=place))
        lock = _lock(folder)
        if lock is None:  # a run that began just now is removing it
            continue
        if folder.exists():  # else it has
            folder.chmod(0o711)  # each sandbox passes through to its own folder, and sees no other
            return folder, lock
        os.close(lock)


def _place() -> Path:
    """Where the user says, else in memory, else where all temporary files go."""
    if not any(os.environ.get(name) for name in _USERS_CHOICE):
        try:
            found = os.statvfs(_IN_MEMORY)
        except OSError:  # not on every machine
            pass
        else:
            usable = os.access(_IN_MEMORY, os.R_OK | os.W_OK | os.X_OK)
            if usable and found.f_bavail * found.f_frsize >= _ROOM:
                return _IN_MEMORY
    return Path(tempfile.gettempdir())


def _lock(folder: Path) -> int | None:
    """A descriptor that holds the lock of one of our own folders; None where it cannot be had."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(descriptor).st_uid == os.getuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None
