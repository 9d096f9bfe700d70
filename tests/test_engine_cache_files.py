"""What is kept of recordings: taken only whole, under its own key, from a place of one's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from small import write_course
from users import USER, needs_root

from grader.checking.compare import Tolerance
from grader.checking.curves import ReferenceCurve
from grader.checking.expectations import Matches, Raises
from grader.checking.question import Question
from grader.course import load_course
from grader.examiner.keys import key_of
from grader.examiner.packing import PackingError, packed, unpacked
from grader.examiner.recording import Recording
from grader.examiner.shelf import Shelf, shelf_folder
from grader.outcome import Check

KEY, DATA = "0" * 64, b"what checks ask" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A shelf with one entry."""
    place = tmp_path / "kept"
    Shelf(place).keep(KEY, DATA)
    assert Shelf(place).take(KEY) == DATA
    return place


def flipped(entry: Path) -> None:
    content = bytearray(entry.read_bytes())
    content[-1] ^= 1
    entry.write_bytes(content)


def renamed(entry: Path) -> None:
    shutil.copy(entry, entry.with_name("1" * 64))
    entry.unlink()
    entry.with_name("1" * 64).rename(entry)


def linked(entry: Path) -> None:
    entry.rename(entry.with_name("elsewhere"))
    entry.symlink_to("elsewhere")


def a_pipe(entry: Path) -> None:
    entry.unlink()
    os.mkfifo(entry, 0o600)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a flipped bit": flipped,
    "cut short": lambda entry: os.truncate(entry, entry.stat().st_size // 2),
    "empty": lambda entry: os.truncate(entry, 0),
    "of another kind": lambda entry: entry.write_bytes(DATA),
    "a link": linked,
    "a pipe": a_pipe,
    "others can write it": lambda entry: entry.chmod(0o622),
    "others can read it": lambda entry: entry.chmod(0o640),
    "others can write to its folder": lambda entry: entry.parent.chmod(0o722),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_not_whole_or_not_ours_alone_is_not_taken(
    damage: Callable[[Path], object], folder: Path
) -> None:
    damage(folder / KEY)
    assert Shelf(folder).take(KEY) is None


def test_an_entry_under_the_key_of_another_is_not_taken(folder: Path) -> None:
    shutil.copy(folder / KEY, folder / ("1" * 64))
    assert Shelf(folder).take("1" * 64) is None


@needs_root
@pytest.mark.parametrize("whose", ["entry", "folder"])
def test_what_another_user_owns_is_not_taken(whose: str, folder: Path) -> None:
    os.chown(folder / KEY if whose == "entry" else folder, USER, USER)
    assert Shelf(folder).take(KEY) is None


def test_a_damaged_entry_is_replaced(folder: Path) -> None:
    flipped(folder / KEY)
    Shelf(folder).keep(KEY, DATA)
    assert Shelf(folder).take(KEY) == DATA
    assert os.listdir(folder) == [KEY]


def test_a_folder_that_is_not_ours_alone_is_not_written_to(folder: Path) -> None:
    folder.chmod(0o777)
    Shelf(folder).keep("1" * 64, DATA)
    assert os.listdir(folder) == [KEY]


def test_a_place_that_cannot_be_used_keeps_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.touch()
    for place in (None, file, file / "below"):
        Shelf(place).keep(KEY, DATA)
        assert Shelf(place).take(KEY) is None


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept", most_bytes=1000)
    for number in range(4):
        shelf.keep(str(number), bytes(200))
        os.utime(tmp_path / "kept" / str(number), (number, number))
    assert shelf.take("0") == bytes(200)  # used just now
    shelf.keep("4", bytes(200))
    assert sorted(os.listdir(tmp_path / "kept")) == ["0", "2", "3", "4"]
    shelf.keep("5", bytes(900))  # as much as everything else: not worth it
    assert shelf.take("5") is None


def test_the_place_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert shelf_folder({}) == Path("/home/ada/.cache/torchgrade/recordings")
    assert shelf_folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/torchgrade/recordings")
    relative = shelf_folder({"XDG_CACHE_HOME": "x"})
    assert relative == Path("/home/ada/.cache/torchgrade/recordings"), "it must be absolute"
    assert shelf_folder({"GRADER_CACHE": "/y", "XDG_CACHE_HOME": "/x"}) == Path("/y")
    assert shelf_folder({"GRADER_CACHE": "off"}) is None


# recordings as bytes


def recording() -> Recording:
    made = Recording(
        Check("ones/test_f", "ones", "f", "f is right", 2.5, hidden=True), shrinks=True
    )
    transposed = torch.arange(6.0).reshape(2, 3).T
    wide = {"p": (1, 2.5, None, True, b"\0", "é"), "dtype": torch.tensor([], dtype=torch.float64)}
    questions = [
        Question("ones", "f", "call", (transposed, [1, float("inf")]), {"reduction": "mean"}),
        Question("ones", "f", "run_train", ((torch.tensor(True), 3),), wide),
    ]
    expectations = [
        Matches({"value": transposed, "changed": [], "devices": ["cpu"]}, Tolerance(2.0, 0.5)),
        Raises(("ValueError", "TypeError"), ("reduction",)),
    ]
    for question, expectation, drawn in zip(questions, expectations, (True, False), strict=True):
        made.add(question, expectation, {}, "cpu", drawn)
    made.curve = ReferenceCurve(questions[1], "Loss", (1.0, 0.5, 0.25), 2)
    made.seal()
    return made


def test_recordings_come_back_as_they_were() -> None:
    before = recording()
    (after,) = unpacked(packed([before]))
    assert (after.check, after.shrinks) == (before.check, True)
    assert (after.frame, after.sizes) == (before.frame, before.sizes)
    assert packed([after]) == packed([before])
    assert [type(each) for each in after.expectations] == [Matches, Raises]
    assert after.expectations[1] == before.expectations[1]
    first, matches = after.questions[0], after.expectations[0]
    assert isinstance(matches, Matches)
    assert matches.tolerance == Tolerance(2.0, 0.5)
    for tensor in (first.args[0], matches.observation["value"]):
        assert torch.equal(tensor, torch.arange(6.0).reshape(2, 3).T)
        assert tensor.stride() == (1, 3)
    assert first.args[1] == [1, float("inf")]


def test_what_is_one_thing_stays_one_thing() -> None:
    (after,) = unpacked(packed([recording()]))
    assert after.drawn[0] is after.expectations[0]
    assert after.curve is not None
    assert after.curve.question is after.questions[1]


@pytest.mark.parametrize("length", [0, 5, 200, -1])
def test_half_a_recording_is_none(length: int) -> None:
    with pytest.raises(PackingError):
        unpacked(packed([recording()])[:length])


def test_what_has_another_form_is_no_recording() -> None:
    from grader.sandbox import wire

    for other in (None, [1], [{"check": {}}], {"a": 1}, [{"check": 3, "shrinks": True}]):
        with pytest.raises(PackingError):
            unpacked(wire.encode(other))


def test_the_key_follows_the_exercise_the_seed_the_device_and_the_data(tmp_path: Path) -> None:
    root = write_course(tmp_path / "course")
    data = tmp_path / "data"
    data.mkdir()
    (data / "images").write_bytes(b"1")

    def key(exercise: str = "doubling", seed: int = 0, device: str = "cpu") -> str:
        return key_of(load_course(root), exercise, seed, device, data)

    first = key()
    assert key() == first
    others = {key("negating"), key(seed=1), key(device="cuda")}
    assert len(others | {first}) == 4
    solution = root / "solutions" / "negating.py"
    solution.write_text(solution.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert key() == first, "another exercise's"
    (data / "images").write_bytes(b"12")
    assert key() != first
