"""What is carried to another machine: folders copied clean, exact versions, a folder and a zip."""

from __future__ import annotations

import importlib.metadata
import os
import secrets
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_OLDEST = (1980, 1, 1, 0, 0, 0)  # the only time that says nothing about whoever made a zip
# What the build of torch for CUDA needs besides: no platform that grades submissions has a GPU.
_FOR_CUDA = ("nvidia-", "cuda-", "triton")
_LINUX = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "platform_machine": "x86_64",
}


class AutograderError(Exception):
    """An autograder cannot be made or cannot grade; says what, where and what to do."""


def copy_tree(source: Path, target: Path, wanted: Callable[[Path], bool] = lambda _: True) -> None:
    """Copy the files below a folder, without caches and without what is hidden.

    `wanted` is asked for each file, by its path relative to `source`.
    """
    for file in sorted(source.rglob("*")):
        place = file.relative_to(source)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in place.parts)
        if hidden or file.suffix == ".pyc" or not file.is_file():
            continue
        if wanted(place):
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target / place)


def pinned_requirements(distribution: str, extra: str) -> list[str]:
    """All that a distribution needs on Linux with an extra of it, in the versions installed here.

    What is not installed here, being of another system, stays as it was asked for.
    """
    pinned: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [(distribution, extra)]
    while waiting:
        name, wanted_extra = waiting.pop()
        if (name, wanted_extra) in seen:
            continue
        seen.add((name, wanted_extra))
        for requirement in _requirements(name, wanted_extra):
            needed = canonicalize_name(requirement.name)
            if needed.startswith(_FOR_CUDA):
                continue
            if needed != canonicalize_name(distribution):
                pinned[needed] = _pin(requirement)
            waiting += [(needed, each) for each in ("", *requirement.extras)]
    return [pinned[name] for name in sorted(pinned)]


def _requirements(distribution: str, extra: str) -> Iterator[Requirement]:
    try:
        texts = importlib.metadata.requires(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for text in texts:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or marker.evaluate({**_LINUX, "extra": extra}):
            yield requirement


def _pin(requirement: Requirement) -> str:
    try:
        version = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return f"{requirement.name}{requirement.specifier}"
    return f"{canonicalize_name(requirement.name)}=={version.partition('+')[0]}"


def place_whole(target: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a folder, put it where `target` says together with TARGET.zip; the zip's path.

    Both are made beside and renamed at the end. A `target` that exists is replaced, and its zip.
    AutograderError where a zip of that name is there, and no `target`.
    """
    target = Path(os.path.abspath(target))
    archive = target.with_name(f"{target.name}.zip")
    if archive.exists() and not target.exists():
        raise AutograderError(f"{archive}: is there and would be replaced; name another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    name = f".{secrets.token_hex(8)}.unfinished"
    unfinished, unfinished_zip = target.with_name(name), target.with_name(f"{name}.zip")
    replaced = target.with_name(f"{name}.replaced")
    try:
        unfinished.mkdir(mode=0o700)
        fill(unfinished)
        _zip(unfinished, unfinished_zip)
        unfinished_zip.chmod(0o600)  # it holds the hidden checks and the seed
        if target.exists():
            target.rename(replaced)
        unfinished.rename(target)
        unfinished_zip.replace(archive)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished_zip.unlink(missing_ok=True)
        if replaced.exists() and not target.exists():
            replaced.rename(target)
        shutil.rmtree(replaced, ignore_errors=True)
    return archive


def _zip(folder: Path, archive: Path) -> None:
    """The files of a folder at the root of a zip; the same files make the same bytes."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as whole:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), _OLDEST)
            executable = file.stat().st_mode & stat.S_IXUSR
            entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(entry, file.read_bytes())
