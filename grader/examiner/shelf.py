"""Where recordings are kept between runs: a folder of this user's own, one file an exercise.

What is kept says what a right answer is, so nothing is taken from a folder or a file that anybody
else could have written to, and what does not bear its own checksum is made anew. No sandbox can
write there where files are confined or the sandbox has a user of its own; a run whose sandboxes
can does not keep or take anything. The folder is bounded, and can be removed at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

VARIABLE = "GRADER_CACHE"  # a folder, or `off`
_MAGIC = b"torchgrade recordings 1\n"
_DIGEST = hashlib.sha256().digest_size
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_BYTES = 256 << 20  # in all; the course's nine exercises take a few MiB a seed


def shelf_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where this user's recordings are kept; None where they are not to be, or there is no home."""
    chosen = environment.get(VARIABLE, "")
    if chosen.lower() in ("off", "0", "no"):
        return None
    if chosen:
        return Path(chosen).absolute()
    place = environment.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(place):  # as the XDG specification has it
        try:
            place = str(Path.home() / ".cache")
        except RuntimeError:
            return None
    return Path(place) / "torchgrade" / "recordings"


class Shelf:
    """A folder of entries by key; one that cannot be used has nothing and keeps nothing."""

    def __init__(self, folder: Path | None, most_bytes: int = _MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def take(self, key: str) -> bytes | None:
        """What was kept under this key, whole and this user's own; None for anything else."""
        with self._opened() as folder:
            if folder is None:
                return None
            try:
                entry = os.open(key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            except OSError:
                return None
            with open(entry, "rb") as file:
                if not _is_own(os.fstat(entry), stat.S_ISREG):
                    return None
                found = file.read(self._most_bytes)
            with contextlib.suppress(OSError):  # what was used last is removed last
                os.utime(key, dir_fd=folder, follow_symlinks=False)
        head = len(_MAGIC) + _DIGEST
        if found[:head] != _MAGIC + _checksum(key, found[head:]):
            return None
        return found[head:]

    def keep(self, key: str, data: bytes) -> None:
        """Keep an entry, written whole; where that is not possible, the next run does without."""
        if len(data) > self._most_bytes // 4:
            return
        with contextlib.suppress(OSError), self._opened(make=True) as folder:
            if folder is None:
                return
            self._make_room(folder, len(data))
            unfinished = f".{secrets.token_hex(8)}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            try:
                with open(os.open(unfinished, flags, 0o600, dir_fd=folder), "wb") as file:
                    file.write(_MAGIC + _checksum(key, data) + data)
                os.rename(unfinished, key, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(unfinished, dir_fd=folder)
                raise

    @contextlib.contextmanager
    def _opened(self, make: bool = False) -> Iterator[int | None]:
        """The folder, if it is one that nobody else can write to or read."""
        folder = None
        if self._folder is not None:
            with contextlib.suppress(OSError):
                if make:
                    self._folder.parent.mkdir(parents=True, exist_ok=True)
                    with contextlib.suppress(FileExistsError):
                        self._folder.mkdir(mode=0o700)
                folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            own = folder is not None and _is_own(os.fstat(folder), stat.S_ISDIR)
            yield folder if own else None
        finally:
            if folder is not None:
                os.close(folder)

    def _make_room(self, folder: int, needed: int) -> None:
        """Remove what was not used for longest, and what a killed run has left half written."""
        entries = []
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                entries.append((found.st_mtime, found.st_size, name))
        left = self._most_bytes - needed - sum(size for _, size, _ in entries)
        for _, size, name in sorted(entries):
            if left >= 0:
                break
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=folder)
                left += size


def _is_own(found: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether something is of a kind, this user's, and of no use to any other."""
    mine = found.st_uid == os.geteuid() and not found.st_mode & _OTHERS
    return mine and is_kind(found.st_mode)


def _checksum(key: str, data: bytes) -> bytes:
    return hashlib.sha256(f"{key} {len(data)}\n".encode() + data).digest()
