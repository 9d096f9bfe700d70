"""Makes Python reachable for an unprivileged user where it lies in a folder of root's own.

A Python in root's home is common (pyenv, uv in a container). A process that has dropped root's uid
could not import there what was not yet imported, and a verdict would depend on that. So root's
warm process takes a mount namespace of its own and lays an empty folder over each such folder, in
which nothing but the libraries that are needed shows.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import stat
import sys
import sysconfig
from pathlib import Path

_CLONE_NEWNS = 0x20000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18


class UnreachableError(Exception):
    """Python lies where an unprivileged user cannot go, and this machine cannot mend that."""


def python_folders() -> list[Path]:
    """Where Python, its packages and torch lie, on this machine."""
    packages = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    folders = [Path(path) for path in packages]
    torch = importlib.util.find_spec("torch")
    if torch is not None and torch.origin is not None:
        folders.append(Path(torch.origin).parent.parent)
    folders.append(Path(sys.base_prefix) / "lib")
    return [folder.resolve() for folder in folders]


def covered_by(needed: list[Path]) -> list[Path]:
    """The folders above `needed` paths through which other users may not pass."""
    return sorted({folder for path in needed if (folder := _closed_ancestor(path))})


def open_view(needed: list[Path]) -> list[Path]:
    """Make `needed` paths reachable for every user, in this process and its children only.

    Returns the folders that were covered, an empty list where nothing was in the way. Raises
    UnreachableError where a folder is in the way and mounts are not permitted.
    """
    needed = [path for path in needed if path.exists()]
    covered = covered_by(needed)
    if not covered:
        return []
    usual = os.umask(0o022)  # whatever this process keeps to itself, these folders are for all
    try:
        _check(_libc.unshare(_CLONE_NEWNS))
        _check(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
        for folder in covered:
            _cover(folder, [path for path in needed if folder in path.parents])
    except OSError as error:
        places = ", ".join(str(folder) for folder in covered)
        raise UnreachableError(
            f"Python or its packages lie under {places}, which only root may enter, and this "
            f"machine lets no mount be made ({error.strerror}): grade as an ordinary user, or "
            "install Python where every user may read it"
        ) from None
    finally:
        os.umask(usual)
    return covered


def _closed_ancestor(path: Path) -> Path | None:
    """The outermost folder above `path` that others may not pass through."""
    for folder in reversed(path.parents):
        if not os.stat(folder).st_mode & stat.S_IXOTH:
            return folder
    return None


def _cover(folder: Path, shown: list[Path]) -> None:
    # A descriptor still leads to what the empty folder is about to hide.
    handles = {path: os.open(path, os.O_PATH) for path in sorted(shown)}
    options = b"mode=755,size=1m"
    _check(_libc.mount(b"tmpfs", bytes(folder), b"tmpfs", _MS_NOSUID | _MS_NODEV, options))
    for path, handle in handles.items():
        if not path.exists():  # else it lies inside one that is shown already
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            source = f"/proc/self/fd/{handle}".encode()
            _check(_libc.mount(source, bytes(path), None, _MS_BIND | _MS_REC, None))
        os.close(handle)
    _check(_libc.mount(None, bytes(folder), None, 32 | _MS_RDONLY | _MS_NOSUID | _MS_NODEV, None))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


_libc = ctypes.CDLL(None, use_errno=True)
