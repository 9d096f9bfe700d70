"""Removes what a sandbox left behind, without letting anybody wait for it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_FEW = 100  # files that are removed at once; more are another process's work

# An ordinary user cannot list a folder of his own that he has closed to himself.
_SCRIPT = 'rm -rf -- "$1" || { chmod -R u+rwx -- "$1"; exec rm -rf -- "$1"; }'


def remove_tree(folder: Path) -> None:
    """Remove a folder, however deep, large or odd; links are not followed."""
    process = begin_removal(folder)
    if process is not None:
        process.wait()


def begin_removal(folder: Path) -> subprocess.Popen[bytes] | None:
    """Remove a folder with a few files now; for any other, the process that removes it."""
    try:
        if _remove_few(folder, _FEW) is not None:
            return None
    except FileNotFoundError:
        return None
    except OSError:  # closed to its owner, or something in it is in use
        pass
    # This is vfork and exec: no page of a warm process is copied for it.
    return subprocess.Popen(
        ["/bin/sh", "-c", _SCRIPT, "sh", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _remove_few(folder: Path, left: int, depth: int = 4) -> int | None:
    """Remove a folder that holds at most `left` files; how many more it might have held, or None.

    OSError where something cannot be removed.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            left -= 1
            if left < 0:
                return None
            if entry.is_dir(follow_symlinks=False):
                if depth == 0:
                    return None
                remaining = _remove_few(Path(entry.path), left, depth - 1)
                if remaining is None:
                    return None
                left = remaining
            else:
                os.unlink(entry.path)
    os.rmdir(folder)
    return left
