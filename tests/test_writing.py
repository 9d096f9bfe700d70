"""A file is written as a whole or not at all, whatever stands in its place."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from grader.writing import write_whole

needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs links, pipes and permissions")


def test_text_is_written_as_utf_8_with_the_line_ends_it_has(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    write_whole(file, "größer\n")
    assert file.read_bytes() == "größer\n".encode()
    write_whole(file, "x")
    assert file.read_bytes() == b"x"
    assert list(tmp_path.iterdir()) == [file]


@needs_posix
def test_a_new_file_has_the_usual_permissions_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    usual, kept = tmp_path / "usual", tmp_path / "kept"
    usual.touch()
    kept.touch()
    kept.chmod(0o640)
    write_whole(tmp_path / "new", "x")
    write_whole(kept, "x")
    assert (tmp_path / "new").stat().st_mode == usual.stat().st_mode
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640


@needs_posix
def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    file, link = tmp_path / "elsewhere" / "run.json", tmp_path / "latest.json"
    file.write_text("old")
    link.symlink_to(file)
    write_whole(link, "new")
    assert link.is_symlink() and file.read_text() == "new"


@needs_posix
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    """As a device does: root must not put a file in the place of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "new")
    reader.join(timeout=30)
    assert heard == ["new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@needs_posix
def test_standard_output_by_its_name_is_written_to(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from grader.writing import write_whole\n"
    code += "write_whole(Path('/dev/stdout'), 'new')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "new", done.stderr


def test_a_name_as_long_as_names_can_be_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 255)
    write_whole(file, "new")
    assert file.read_text() == "new"


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text("old")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "\udcff")
    with pytest.raises(OSError):
        write_whole(tmp_path / "folder", "new")
    with pytest.raises(OSError):
        write_whole(tmp_path / "nowhere" / "run.json", "new")
    assert file.read_text() == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder", "run.json"]
