"""Submissions are found in folders, archives and LMS downloads, named, and read into memory."""

from __future__ import annotations

import io
import os
import pickle
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.submissions import (
    Found,
    Submission,
    SubmissionError,
    find_submissions,
    read_submission,
)

EXERCISES = ("convnets", "losses", "optimizers", "training")
LOSSES = b"def l1_loss(input, target): ...\n"


def lay_out(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zip_of(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tar_of(
    path: Path, files: Mapping[str, bytes], format: int = tarfile.PAX_FORMAT, mode: str = "gz"
) -> Path:
    with tarfile.open(path, f"w:{mode}", format=format) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def graded(*paths: Path) -> dict[str, Submission]:
    """Everything in the paths, found and read, by id."""
    found = find_submissions(paths, EXERCISES)
    submissions = {each.id: read_submission(each, EXERCISES) for each in found}
    assert list(submissions) == sorted(each.id for each in found)
    return submissions


def files_of(*paths: Path) -> dict[str, list[str]]:
    """By id, the names of the files; for a rejected submission, its reason."""
    return {
        id: [submission.reason] if submission.reason is not None else sorted(submission.files)
        for id, submission in graded(*paths).items()
    }


CLASS = {"alice/losses.py": LOSSES, "bob/exercises/losses.py": LOSSES, "bob/README.md": b""}


# Layouts


def test_each_folder_archive_and_file_in_a_folder_is_a_submission(tmp_path: Path) -> None:
    lay_out(tmp_path, {**CLASS, "grades.csv": b"", "erin_losses.py": LOSSES})
    zip_of(tmp_path / "carol.zip", {"losses.py": LOSSES})
    tar_of(tmp_path / "dan.tar.gz", {"exercises/losses.py": LOSSES})
    tar_of(tmp_path / "frank.tgz", {"hw/losses.py": LOSSES, "hw/helpers.py": b"x = 1"})
    assert files_of(tmp_path) == {
        "alice": ["losses.py"],
        "bob": ["losses.py"],
        "carol.zip": ["losses.py"],
        "dan.tar.gz": ["losses.py"],
        "erin_losses.py": ["losses.py"],
        "frank.tgz": ["helpers.py", "losses.py"],
    }


@pytest.mark.parametrize(
    "file", ["losses.py", "exercises/losses.py", "hw-main/exercises/losses.py", "hw-main/losses.py"]
)
def test_one_submission_is_found_by_its_own_folder(tmp_path: Path, file: str) -> None:
    alice = lay_out(tmp_path / "alice", {file: LOSSES, "README.md": b""})
    submission = graded(alice)["alice"]
    assert submission == Submission("alice", {"losses.py": LOSSES})


@pytest.mark.parametrize(
    "file",
    ["losses.py", "exercises/losses.py", "homework/exercises/losses.py", "a/b/c/d/losses.py"],
)
def test_a_class_of_one_keeps_the_students_id(tmp_path: Path, file: str) -> None:
    submissions = lay_out(tmp_path / "submissions", {f"alice/{file}": LOSSES})
    assert files_of(submissions) == {"alice": ["losses.py"]}


def test_among_several_paths_each_is_a_submission(tmp_path: Path) -> None:
    lay_out(tmp_path, {"alice/homework/losses.py": LOSSES, "bob/homework/losses.py": LOSSES})
    assert list(graded(tmp_path / "alice", tmp_path / "bob")) == ["alice", "bob"]


def test_a_class_is_found_in_the_folder_that_wraps_it(tmp_path: Path) -> None:
    lay_out(tmp_path / "given" / "hw1", CLASS)
    zip_of(tmp_path / "class.zip", {f"download/hw1/{name}": CLASS[name] for name in CLASS})
    expected = {"alice": ["losses.py"], "bob": ["losses.py"]}
    assert files_of(tmp_path / "given") == expected
    assert files_of(tmp_path / "class.zip") == expected


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("suffix", ["tar.gz", "tgz", "tar"])
def test_a_class_is_found_in_tars_of_every_format(tmp_path: Path, format: int, suffix: str) -> None:
    long = "/".join(["a" * 60] * 2)
    files = {**CLASS, f"carol/{long}/losses.py": LOSSES, "dan é/losses.py": LOSSES}
    mode = "" if suffix == "tar" else "gz"
    path = tar_of(tmp_path / f"class.{suffix}", files, format, mode)
    assert graded(path)["dan é"].files == {"losses.py": LOSSES}
    assert list(graded(path)) == ["alice", "bob", "carol", "dan é"]


def test_an_archive_of_one_submission_goes_by_the_archives_name(tmp_path: Path) -> None:
    for name in ("losses.py", "exercises/losses.py", "homework/losses.py"):
        path = zip_of(tmp_path / "alice.zip", {name: LOSSES})
        assert files_of(path) == {"alice.zip": ["losses.py"]}


def test_the_shallowest_folder_with_an_exercise_is_the_root(tmp_path: Path) -> None:
    lay_out(
        tmp_path / "class",
        {
            "alice/hw/losses.py": LOSSES,
            "alice/hw/old/optimizers.py": b"",
            "bob/exercises/losses.py": LOSSES,
            "bob/answers/losses.py": b"",
            "bob/solutions/losses.py": b"",
            "carol/week1/losses.py": LOSSES,
            "carol/week2/optimizers.py": LOSSES,
            "dan/1/2/3/4/5/losses.py": LOSSES,
        },
    )
    reports = files_of(tmp_path / "class")
    assert reports["alice"] == ["losses.py"]
    assert graded(tmp_path / "class")["bob"].files == {"losses.py": LOSSES}
    assert reports["carol"] == [
        "exercise files lie in 'week1' and in 'week2': put all of them in one folder"
    ]
    assert "no exercise file" in reports["dan"][0]


def test_python_files_beside_the_exercises_are_read_and_nothing_else(tmp_path: Path) -> None:
    alice = lay_out(
        tmp_path / "alice",
        {
            "losses.py": LOSSES,
            "helpers.py": b"x = 1",
            "notes.txt": b"",
            "losses.pyc": b"",
            ".hidden.py": b"",
            "package/inner.py": b"",
            "__pycache__/losses.py": b"",
            "__MACOSX/._losses.py": b"",
        },
    )
    assert graded(alice)["alice"].files == {"helpers.py": b"x = 1", "losses.py": LOSSES}


def test_hidden_entries_are_no_submissions(tmp_path: Path) -> None:
    hidden = {"__MACOSX/alice/losses.py": b"", ".git/losses.py": b"", ".DS_Store": b""}
    lay_out(tmp_path / "class", {**CLASS, **hidden})
    zip_of(tmp_path / "class.zip", {**CLASS, **hidden})
    assert list(graded(tmp_path / "class")) == ["alice", "bob"]
    assert list(graded(tmp_path / "class.zip")) == ["alice", "bob"]


def test_a_single_file_goes_by_its_name_and_counts_as_its_exercise(tmp_path: Path) -> None:
    names = ["losses.py", "alice_losses.py", "bob_losses-1.py", "losses (2).py", "helpers.py"]
    lay_out(tmp_path, dict.fromkeys(names, LOSSES))
    reports = files_of(*(tmp_path / name for name in names))
    assert set(reports) == set(names)
    assert [reports[name] for name in names[:4]] == [["losses.py"]] * 4
    assert "no exercise file (convnets.py or losses.py or" in reports["helpers.py"][0]
    assert "only 'helpers.py'" in reports["helpers.py"][0]


def test_a_folder_named_like_an_exercise_is_no_exercise(tmp_path: Path) -> None:
    lay_out(tmp_path / "class", {"alice/losses.py/x.txt": b"", "bob/losses.py/losses.py": LOSSES})
    reports = files_of(tmp_path / "class")
    assert reports["alice"] == ["'losses.py' is a folder: hand in losses.py as a file"]
    assert reports["bob"] == ["losses.py"]


def test_a_folder_without_exercises_is_rejected_and_not_dropped(tmp_path: Path) -> None:
    lay_out(tmp_path, {**CLASS, "carol/report.pdf": b"", "dan/hw.rar": b"", "erin.7z": b""})
    reports = files_of(tmp_path)
    assert "no exercise file" in reports["carol"][0]
    assert reports["dan"] == [
        "'hw.rar' is an archive of a kind that is not read: make a .zip or .tar.gz of it"
    ]
    assert "'erin.7z' is an archive of a kind that is not read" in reports["erin.7z"][0]


@pytest.mark.parametrize("name", ["nowhere", "notes.txt", "empty"])
def test_what_cannot_be_graded_at_all_is_an_error_that_names_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    with pytest.raises(SubmissionError, match=name):
        find_submissions([tmp_path / name], EXERCISES)


def test_no_path_at_all_is_an_error() -> None:
    with pytest.raises(SubmissionError, match="no path was given"):
        find_submissions([], EXERCISES)


# LMS downloads


def test_moodle_folders_keep_the_name_that_moodle_gave(tmp_path: Path) -> None:
    ada, bob = "Ada Lovelace_101_assignsubmission_", "Bob Ross_102_assignsubmission_"
    inner = zip_of(tmp_path / "hw.zip", {"hw/exercises/losses.py": LOSSES}).read_bytes()
    files = {
        f"{ada}file/losses.py": LOSSES,
        f"{ada}onlinetext/onlinetext.html": b"",
        f"{bob}file/hw.zip": inner,
    }
    expected = {f"{ada}file": ["losses.py"], f"{bob}file": ["losses.py"]}
    assert files_of(lay_out(tmp_path / "class", files)) == expected
    assert files_of(zip_of(tmp_path / "class.zip", files)) == expected
    alone = zip_of(tmp_path / "alone.zip", {f"{bob}file/hw.zip": inner})
    assert files_of(alone) == {f"{bob}file": ["losses.py"]}


def test_moodles_flat_download_is_grouped_by_student(tmp_path: Path) -> None:
    student = "Ada Lovelace_101_assignsubmission_file"
    files = {f"{student}_losses.py": LOSSES, f"{student}_helpers.py": b""}
    assert files_of(lay_out(tmp_path, files)) == {student: ["helpers.py", "losses.py"]}


def test_canvas_files_are_grouped_by_student(tmp_path: Path) -> None:
    inner = zip_of(tmp_path / "inner.zip", {"losses.py": LOSSES}).read_bytes()
    files = {
        "doejane_101_501_losses.py": LOSSES,
        "doejane_101_502_optimizers.py": b"",
        "doejane_101_503_helpers.py": b"",
        "roejohn_LATE_102_504_losses-1.py": b"new = 1",
        "roejohn_LATE_102_503_losses.py": b"old = 1",
        "lovelaceada_103_505_hw.zip": inner,
        "rossbob_104_506_report.pdf": b"",
        "rossbob_105_507_rossbob_losses.py": LOSSES,
    }
    for path in (lay_out(tmp_path / "flat", files), zip_of(tmp_path / "flat.zip", files)):
        submissions = graded(path)
        assert sorted(submissions["doejane_101"].files) == [
            "helpers.py",
            "losses.py",
            "optimizers.py",
        ]
        assert submissions["roejohn_102"].files == {"losses.py": b"new = 1"}
        assert submissions["lovelaceada_103"].files == {"losses.py": LOSSES}
        assert submissions["rossbob_105"].files == {"losses.py": LOSSES}
        assert "no exercise file" in (submissions["rossbob_104"].reason or "")
        assert len(submissions) == 5
    given = [tmp_path / "flat" / name for name in files]
    assert graded(*given) == graded(tmp_path / "flat")


def test_a_student_with_several_archives_is_told_so(tmp_path: Path) -> None:
    lay_out(tmp_path, {"doejane_1_2_a.zip": b"", "doejane_1_3_b.zip": b"", "eve/a.zip": b""})
    lay_out(tmp_path, {"eve/b.zip": b""})
    reports = files_of(tmp_path)
    assert "several archives ('doejane_1_2_a.zip', 'doejane_1_3_b.zip')" in reports["doejane_1"][0]
    assert "several archives ('a.zip', 'b.zip')" in reports["eve"][0]


def test_gradescopes_export_is_found_in_its_wrapper(tmp_path: Path) -> None:
    files = {
        "assignment_7_export/submission_123/losses.py": LOSSES,
        "assignment_7_export/submission_metadata.yml": b"",
    }
    assert files_of(zip_of(tmp_path / "one.zip", files)) == {"submission_123": ["losses.py"]}
    files["assignment_7_export/submission_124/report.pdf"] = b""
    assert list(graded(lay_out(tmp_path / "two", files))) == ["submission_123", "submission_124"]


# Ids


def test_the_same_id_twice_is_told_apart_by_the_parent_folder(tmp_path: Path) -> None:
    files = {
        "monday/alice/losses.py": LOSSES,
        "tuesday/alice/losses.py": b"",
        "tuesday/bob/losses.py": b"",
        "again/monday/alice/losses.py": b"x = 1",
    }
    lay_out(tmp_path, files)
    given = [Path("monday"), Path("tuesday"), Path("again/monday/alice")]
    paths = [tmp_path / each for each in given]
    (tmp_path / "monday" / "carol").mkdir()
    first, second = graded(*paths), graded(*reversed(paths))
    assert first == second
    assert list(first) == ["bob", "carol", "monday/alice", "monday/alice (2)", "tuesday/alice"]
    assert len({submission.digest for submission in first.values()}) == 5 - 1  # bob's is alice's


def test_a_submission_given_twice_is_graded_once(tmp_path: Path) -> None:
    lay_out(tmp_path, CLASS)
    assert list(graded(tmp_path, tmp_path / "alice", tmp_path / "bob" / ".." / "bob")) == [
        "alice",
        "bob",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows admits no such names")
def test_ids_are_printable_and_stay_distinct(tmp_path: Path) -> None:
    names = [b"eve\n", b"eve\\n", b"\x1b[31mred", b"\xff\xfe", "\u202eevil".encode(), b"a b"]
    for name in names:
        folder = os.path.join(os.fsencode(tmp_path), name)
        os.mkdir(folder)
        Path(os.fsdecode(folder), "losses.py").write_bytes(LOSSES)
    submissions = graded(tmp_path)
    assert set(submissions) == {
        "eve\\n",
        "eve\\\\n",
        "\\x1b[31mred",
        "\\udcff\\udcfe",
        "\\u202eevil",
        "a b",
    }
    assert all(each.files == {"losses.py": LOSSES} for each in submissions.values())


def test_the_current_folder_has_an_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path / "alice", {"losses.py": LOSSES})
    monkeypatch.chdir(tmp_path / "alice")
    assert list(graded(Path("."))) == ["alice"]


# What is handed on


def test_the_digest_tells_names_and_contents_apart() -> None:
    submissions = [
        Submission("a", {"losses.py": b"x"}),
        Submission("a", {"losses.py": b"x", "b.py": b""}),
        Submission("a", {"losses.py": b"", "b.py": b"x"}),
        Submission("a", {"lossesx.py": b""}),
        Submission("a", {}),
        Submission("a", {}, "it is a link"),
    ]
    assert len({each.digest for each in submissions}) == len(submissions)
    same = Submission("b", {"losses.py": b"", "b.py": b"x"})
    assert same.digest == Submission("a", {"b.py": b"x", "losses.py": b""}).digest
    assert len(same.digest) == 64


def test_found_submissions_can_be_sent_to_another_process(tmp_path: Path) -> None:
    zip_of(tmp_path / "class.zip", CLASS)
    found = find_submissions([tmp_path / "class.zip"], EXERCISES)
    assert pickle.loads(pickle.dumps(found)) == found
    assert all(isinstance(each, Found) for each in found)


def test_what_changed_since_it_was_found_is_read_anew_or_rejected(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "class.zip", CLASS)
    lay_out(tmp_path, {"dan/losses.py": LOSSES})
    alice, bob, dan = find_submissions([path, tmp_path / "dan"], EXERCISES)
    zip_of(path, {"alice/losses.py": b"x = 2", "carol/losses.py": b""})
    (tmp_path / "dan" / "losses.py").unlink()
    (tmp_path / "dan").rmdir()
    assert read_submission(alice, EXERCISES).files == {"losses.py": b"x = 2"}
    assert read_submission(bob, EXERCISES).reason == "the archive has no folder 'bob'"
    assert "could not be read" in (read_submission(dan, EXERCISES).reason or "")
