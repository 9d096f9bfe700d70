"""What a sandbox keeps on the disk is bounded, and removed without anybody waiting for it."""

from __future__ import annotations

import mmap
import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.sandbox.forkserver import fork_child
from grader.sandbox.removal import remove_tree
from grader.sandbox.watch import Exceeded, FolderWatch, Room

ROOM = Room(folder_bytes=1 << 20, folder_files=20, file_bytes=1 << 19)
BIG = bytes(1 << 19)


def nested(folder: Path, depth: int) -> None:
    """Folders inside each other, too deep for one path."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d" * 100, dir_fd=here)
        below = os.open("d" * 100, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def many(folder: Path, count: int = 30) -> None:
    for number in range(count):
        (folder / str(number)).touch()


def closed(folder: Path) -> None:
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    many(inner, 3)
    inner.chmod(0)
    inner.parent.chmod(0)


@pytest.mark.parametrize(
    "fill",
    [
        lambda folder: None,
        lambda folder: nested(folder, 300),
        lambda folder: many(folder, 200),
        closed,
    ],
    ids=["empty", "deep", "many", "closed"],
)
def test_whatever_was_left_is_removed(fill: Callable[[Path], None], tmp_path: Path) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    fill(folder)
    remove_tree(folder)
    assert not folder.exists()
    remove_tree(folder)  # it may be gone already


@pytest.mark.parametrize("others", [0, 200], ids=["few", "many"])
def test_removal_follows_no_link(tmp_path: Path, others: int) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "private"
    outside.mkdir()
    folder.mkdir()
    (outside / "kept").touch(mode=0o640)
    (folder / "link").symlink_to(outside)
    many(folder, others)
    remove_tree(folder)
    assert not folder.exists()
    assert (outside / "kept").stat().st_mode & 0o777 == 0o640


def watch(folder: Path) -> FolderWatch:
    return FolderWatch(os.getpid(), str(folder), ROOM)


def test_a_folder_within_its_bounds_is_left_alone(tmp_path: Path) -> None:
    watching = watch(tmp_path)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_bytes(BIG)
    (tmp_path / "link").symlink_to("/")
    watching.look()


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (many, "more than 20 files"),
        (lambda folder: [(folder / n).write_bytes(BIG) for n in "abc"], "larger than 1 MiB"),
        # This process itself may hold open some files without a name, and they count.
        (lambda folder: nested(folder, 10), None),
        (lambda folder: nested(folder, 40), "more than 20 files"),
    ],
    ids=["files", "bytes", "folders", "deep"],
)
def test_a_folder_that_is_too_full_is_found_out(
    tmp_path: Path, fill: Callable[[Path], object], said: str | None
) -> None:
    watching = watch(tmp_path)
    fill(tmp_path)
    if said is None:
        watching.look()
    else:
        with pytest.raises(Exceeded, match=said):
            watching.look()


def test_folders_too_deep_to_walk_are_found_out(tmp_path: Path) -> None:
    watching = FolderWatch(os.getpid(), str(tmp_path), Room())
    nested(tmp_path, 40)
    with pytest.raises(Exceeded, match="deep"):
        watching.look()


@contextmanager
def without_names(folder: Path, count: int) -> Iterator[list[int]]:
    """Open files that no folder shows."""
    opened = []
    for _ in range(count):
        opened.append(os.open(folder / "file", os.O_RDWR | os.O_CREAT))
        os.write(opened[-1], BIG)
        os.unlink(folder / "file")
    yield opened
    for descriptor in opened:
        os.close(descriptor)


def test_files_without_a_name_count(tmp_path: Path) -> None:
    watching = watch(tmp_path)
    with without_names(tmp_path, 3), pytest.raises(Exceeded, match="larger than 1 MiB"):
        watching.look()
    watching.look()


def test_files_that_are_only_mapped_count(tmp_path: Path) -> None:
    watching = watch(tmp_path)
    with without_names(tmp_path, 3) as opened:
        mapped = [mmap.mmap(descriptor, mmap.PAGESIZE) for descriptor in opened]
    with pytest.raises(Exceeded, match="larger than 1 MiB"):
        for _ in range(10):  # not every look is as close
            watching.look()
    for each in mapped:
        each.close()


SERVER = """
import os, socket, subprocess, sys
from grader.sandbox.forkserver import ForkServer

control, slow = int(sys.argv[1]), int(sys.argv[2])
cleaners = iter([subprocess.Popen(["cat"], stdin=slow)])
os.close(slow)
ForkServer(
    socket.socket(fileno=control),
    lambda channel: channel.recv(1),
    lambda pid: next(cleaners, None),
).run()
"""


def test_a_slow_removal_holds_up_no_other_fork() -> None:
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    slow, release = os.pipe()
    ends = (theirs.fileno(), slow)
    command = [sys.executable, "-c", SERVER, *map(str, ends)]
    with control, subprocess.Popen(command, pass_fds=ends) as server:
        theirs.close()
        os.close(slow)
        first = fork_child(control)
        first.channel.send(b"x")
        assert select.select([first.pidfd], [], [], 20)[0]
        second = fork_child(control)  # the server has come by the end of the first meanwhile
        second.channel.send(b"x")
        assert second.wait(20) == 0
        assert not select.select([first.status], [], [], 0)[0], "its folder is not removed yet"
        os.close(release)
        assert first.wait(20) == 0
        first.close()
        second.close()
        control.close()
        assert server.wait(20) == 0
