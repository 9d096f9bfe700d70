"""A folder for as long as a process lives: what a killed one left behind is removed by the next."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from grader.sandbox.removal import remove_tree

_FOLDER_PREFIX = "torchgrade-"


def locked_folder() -> tuple[Path, int]:
    """A new folder of this process's own, and the descriptor that keeps it locked while it is open.

    What runs that were killed have left behind is removed first: nobody holds a lock on it.
    """
    for old in Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        lock = _lock(old)
        if lock is not None:
            remove_tree(old)
            os.close(lock)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX))
        lock = _lock(folder)
        if lock is None:  # a run that began just now is removing it
            continue
        if folder.exists():  # else it has
            folder.chmod(0o711)  # each sandbox passes through to its own folder, and sees no other
            return folder, lock
        os.close(lock)


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
