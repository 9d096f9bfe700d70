"""Links, pipes and what is too large in a folder are rejected with a reason, and never opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.submissions import Submission, find_submissions, read_submission

EXERCISES = ("losses", "optimizers")
LOSSES = b"def l1_loss(input, target): ...\n"
MIB = 1024 * 1024

needs_posix = pytest.mark.skipif(os.name == "nt", reason="needs links and pipes")


def graded(*paths: Path) -> dict[str, Submission]:
    found = find_submissions(paths, EXERCISES)
    return {each.id: read_submission(each, EXERCISES) for each in found}


def reason_of(path: Path) -> str:
    """Why the one submission in a path is rejected."""
    (submission,) = graded(path).values()
    assert submission.files == {}
    assert submission.reason is not None and submission.reason.isprintable()
    return submission.reason


@needs_posix
def test_a_linked_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_bytes(b"answers = 42")
    eve = tmp_path / "class" / "eve"
    eve.mkdir(parents=True)
    (eve / "losses.py").symlink_to(tmp_path / "secret.py")
    assert "'losses.py' is a link" in reason_of(tmp_path / "class")


@needs_posix
def test_one_file_that_is_not_read_costs_the_others_nothing(tmp_path: Path) -> None:
    """A module stands for it that says why, to whoever imports it."""
    eve = tmp_path / "class" / "eve"
    eve.mkdir(parents=True)
    (eve / "losses.py").write_bytes(LOSSES)
    (tmp_path / "secret.py").write_bytes(b"answers = 42")
    (eve / "helpers.py").symlink_to(tmp_path / "secret.py")
    (eve / "optimizers.py").write_bytes(b"#" * (MIB + 1))
    os.mkfifo(eve / "pipe.py")
    (eve / "data.bin").write_bytes(b"")
    os.truncate(eve / "data.bin", 2**40)
    files = graded(tmp_path / "class")["eve"].files
    assert files["losses.py"] == LOSSES
    for name, reason in (
        ("helpers.py", "'helpers.py' is a link, which is not read: hand in the file itself"),
        ("optimizers.py", "'optimizers.py' is larger than 1 MiB"),
        ("pipe.py", "'pipe.py' is a pipe, socket or device, which is not read"),
    ):
        with pytest.raises(ImportError, match=reason):
            exec(files[name], {})


@needs_posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root gives files away")
def test_a_hard_link_to_somebody_elses_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_bytes(b"answers = 42")
    for name in ("eve", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
        os.link(tmp_path / "secret.py", tmp_path / "class" / name / "losses.py")
    os.chown(tmp_path / "class" / "eve", 23456, 23456)
    submissions = graded(tmp_path / "class")
    reason = "'losses.py' is a hard link to somebody else's file: hand in a copy"
    assert submissions["eve"].reason == reason
    assert submissions["bob"].files == {"losses.py": b"answers = 42"}  # as `cp -l` makes it


def test_folders_that_hold_too_much_are_passed_over_where_another_holds_the_work(
    tmp_path: Path,
) -> None:
    for name in ("alice/data", "alice/hw", "bob/data"):
        (tmp_path / name).mkdir(parents=True)
    for number in range(5_001):
        (tmp_path / "bob" / "data" / str(number)).touch()
        os.link(tmp_path / "bob" / "data" / "0", tmp_path / "alice" / "data" / str(number))
    (tmp_path / "alice" / "hw" / "losses.py").write_bytes(LOSSES)
    submissions = graded(tmp_path)
    assert submissions["alice"].files == {"losses.py": LOSSES}
    assert "'bob/data' holds more than 5,000 files" in (submissions["bob"].reason or "")


@needs_posix
def test_linked_folders_are_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "solutions"
    target.mkdir()
    (target / "losses.py").write_bytes(LOSSES)
    folder = tmp_path / "class"
    (folder / "eve").mkdir(parents=True)
    (folder / "eve" / "exercises").symlink_to(target)
    (folder / "mallory").symlink_to(target)
    (folder / "trent.zip").symlink_to(target)
    submissions = graded(folder)
    assert "no exercise file" in (submissions["eve"].reason or "")
    assert "it is a link" in (submissions["mallory"].reason or "")
    assert "it is a link" in (submissions["trent.zip"].reason or "")
    assert "it is a link" in reason_of(folder / "mallory")


@needs_posix
def test_a_folder_that_becomes_a_link_after_it_was_found_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "losses.py").write_bytes(LOSSES)
    (tmp_path / "class" / "eve").mkdir(parents=True)
    (tmp_path / "class" / "eve" / "losses.py").write_bytes(b"")
    (found,) = find_submissions([tmp_path / "class"], EXERCISES)
    (tmp_path / "class" / "eve").rename(tmp_path / "away")
    (tmp_path / "class" / "eve").symlink_to(tmp_path / "solutions")
    submission = read_submission(found, EXERCISES)
    assert submission.files == {} and submission.reason is not None


@needs_posix
def test_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "eve").mkdir()
    os.mkfifo(tmp_path / "eve" / "losses.py")
    os.mkfifo(tmp_path / "mallory_losses.py")
    os.mkfifo(tmp_path / "trent.zip")
    submissions = graded(tmp_path)
    assert "is a link or a special file" in (submissions["eve"].reason or "")
    for id in ("mallory_losses.py", "trent.zip"):
        assert "is a pipe, socket or device" in (submissions[id].reason or "")


@needs_posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / "losses.py").touch(mode=0)
    (tmp_path / "bob").mkdir(mode=0)
    assert all("could not be read" in (each.reason or "") for each in graded(tmp_path).values())


@needs_posix
def test_links_are_not_followed_where_the_system_has_no_flag_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_NOFOLLOW")
    monkeypatch.delattr(os, "O_NONBLOCK")
    monkeypatch.setattr(os, "supports_dir_fd", set())
    for name in ("alice", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
    (tmp_path / "secret.py").write_bytes(b"answers = 42")
    (tmp_path / "class" / "alice" / "losses.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "class" / "bob" / "losses.py").write_bytes(LOSSES)
    submissions = graded(tmp_path / "class")
    assert "is a link" in (submissions["alice"].reason or "")
    assert submissions["bob"].files == {"losses.py": LOSSES}


def test_too_large_too_many_and_too_wide_are_rejected(tmp_path: Path) -> None:
    for name, size in (("large", MIB + 1), ("full", MIB)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "losses.py").write_bytes(b"#" * size)
    (tmp_path / "many").mkdir()
    for number in range(201):
        (tmp_path / "many" / f"helper{number}.py").touch()
    (tmp_path / "many" / "helper0.py").rename(tmp_path / "many" / "losses.py")
    (tmp_path / "wide").mkdir()
    for number in range(5_001):
        (tmp_path / "wide" / f"{number}.png").touch()
    submissions = graded(tmp_path)
    assert submissions["large"].reason == "'losses.py' is larger than 1 MiB: leave data out"
    assert len(submissions["full"].files["losses.py"]) == MIB
    most = "200 is the most: hand in the exercises alone"
    assert submissions["many"].reason == f"it holds 201 Python files; {most}"
    assert "holds more than 5,000 files" in (submissions["wide"].reason or "")
