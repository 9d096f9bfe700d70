"""Writes a file as a whole: whoever reads it meanwhile, or after a power cut, sees the old or the
new one, never half of either."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write text as UTF-8 with plain line ends, beside the file, then rename; OSError passes.

    The folder must exist. A file that is replaced keeps its permissions; a link stays a link, and
    what it leads to is replaced. A pipe or a device, such as /dev/stdout, is written to as it is.
    """
    data = text.encode("utf-8")
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        path.write_bytes(data)
        return
    path = Path(os.path.realpath(path))
    # A short name of its own: the target's may be as long as a name can be, and what somebody else
    # has put under a name that can be guessed is never opened (O_EXCL).
    unfinished = path.with_name(f".{secrets.token_hex(8)}.unfinished")
    try:
        with open(unfinished, "xb") as file:
            if mode is not None:
                unfinished.chmod(stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name without the text
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
