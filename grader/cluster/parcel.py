"""A course as bytes: what its checks run on, for workers that do not share a disk with us."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader.cluster.errors import ClusterError
from grader.course import MANIFEST, Course

_LARGEST = 64 << 20  # bytes, before they are compressed
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: the same course, the same bytes


def pack(course: Course) -> bytes:
    """The course's manifest and folders as a zip; ClusterError where they hold far too much."""
    target = io.BytesIO()
    total = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in _files(course):
            content = file.read_bytes()
            total += len(content)
            if total > _LARGEST:
                raise ClusterError(
                    f"{course.root}: its folders hold more than {_LARGEST >> 20} MiB, too much to "
                    f"be sent to workers: keep data out of them, and name it with --data"
                )
            name = file.relative_to(course.root).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def unpack(parcel: bytes, folder: Path) -> None:
    """Write a course where only this user can read it."""
    folder.mkdir(mode=0o700)
    with zipfile.ZipFile(io.BytesIO(parcel)) as archive:
        archive.extractall(folder)


def _files(course: Course) -> Iterator[Path]:
    """Regular files in a fixed order, without what Python or an editor left there."""
    yield course.root / MANIFEST
    for room in (course.stubs, course.solutions, course.hidden_checks, course.misconceptions):
        for folder, inner, names in os.walk(room):
            inner[:] = sorted(
                name for name in inner if name != "__pycache__" and not name.startswith(".")
            )
            for name in sorted(names):
                file = Path(folder, name)
                if not name.startswith(".") and file.is_file():
                    yield file
