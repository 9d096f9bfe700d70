"""Writes a file, or a folder, as a whole: whoever reads it meanwhile sees the old or the new one,
never half of either."""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

_HERE = -100  # AT_FDCWD: paths are as this process sees them
_EXCHANGE = 2  # RENAME_EXCHANGE


def write_whole(path: Path, text: str | bytes) -> None:
    """Write text as UTF-8 with plain line ends, beside the file, then rename; OSError passes.

    What `whole_file` says holds.
    """
    with whole_file(path) as file:
        file.write(text if isinstance(text, bytes) else text.encode("utf-8"))


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, beside `path`; at the end it takes that one's place. OSError passes.

    The folder must exist. A file that is replaced keeps its permissions; a link stays a link, and
    what it leads to is replaced. A pipe or a device, such as /dev/stdout, is written to as it is.
    Where the block raises, what was there stays.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        with open(path, "wb") as file:
            yield file
        return
    path = Path(os.path.realpath(path))
    # A short name of its own: the target's may be as long as a name can be, and what somebody else
    # has put under a name that can be guessed is never opened (O_EXCL).
    unfinished = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    try:
        with open(unfinished, "xb") as file:
            if mode is not None:
                unfinished.chmod(stat.S_IMODE(mode))
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name without the text
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A new folder to write into, beside `folder`; at the end it takes the place of that one.

    The parents are made where they are missing. Where the block raises, or its process is killed,
    the folder before stays as it was. What killed writers left is removed. OSError passes.
    """
    folder = Path(os.path.realpath(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "there is a file of that name", str(folder))
    with _begun(folder) as unfinished:
        yield unfinished
        if not folder.exists():
            unfinished.rename(folder)
        elif not _exchanged(unfinished, folder):
            # Here a reader may find neither for a moment; nothing else is to be had.
            before = unfinished.with_name(f"{unfinished.name}.before")
            folder.rename(before)
            unfinished.rename(folder)
            shutil.rmtree(before)


@contextmanager
def _begun(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder`, held by a lock while it is in use, then removed."""
    parent = os.open(folder.parent, os.O_RDONLY) if sys.platform != "win32" else None
    held = None
    try:
        if parent is not None:
            fcntl.flock(parent, fcntl.LOCK_EX)  # no other writer takes this one's for a dead one's
            for left in folder.parent.iterdir():
                if left.match("*.unfinished") and left.name.startswith(f".{folder.name}."):
                    _remove_if_left(left)
        unfinished = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.unfinished")
        unfinished.mkdir()
        if parent is not None:
            held = os.open(unfinished, os.O_RDONLY)
            fcntl.flock(held, fcntl.LOCK_EX)
            fcntl.flock(parent, fcntl.LOCK_UN)
        try:
            yield unfinished
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    finally:
        for descriptor in (held, parent):
            if descriptor is not None:
                os.close(descriptor)


def _remove_if_left(folder: Path) -> None:
    """Remove what a killed writer left; what a living one holds stays."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(descriptor)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    error = ctypes.get_errno()
    if error in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(error, os.strerror(error), str(other))
