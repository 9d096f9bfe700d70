"""An exercise's digest changes with all that decides its verdicts, and with nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT

from grader import digests
from grader.course import CourseError, load_course
from grader.digests import conditions_of, engine_digest, exercise_digest
from grader.siblings import sources_of


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """What the digests of this repository's course depend on, in a folder of its own."""
    course = load_course(ROOT)
    for file in [*course.check_files(), *course.misconception_files(), ROOT / "course.toml"]:
        _copy(file, tmp_path)
    for file in sorted((ROOT / "solutions").glob("*.py")):
        _copy(file, tmp_path)
    _copy(ROOT / "grader" / "checks" / "__init__.py", tmp_path)
    return tmp_path


def _copy(file: Path, root: Path) -> None:
    target = root / file.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def digests_of(root: Path) -> dict[str, str]:
    course = load_course(root)
    return {name: exercise_digest(course, name) for name in course.names}


def changed_by(root: Path, change: Callable[[], object]) -> set[str]:
    """The exercises whose digest is another after a change."""
    before = digests_of(root)
    change()
    after = digests_of(root)
    return {name for name in before if after[name] != before[name]}


def edited(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_digests_do_not_depend_on_where_the_course_is(copy: Path) -> None:
    assert digests_of(copy) == digests_of(ROOT)
    assert len(set(digests_of(ROOT).values())) == 9


@pytest.mark.parametrize(
    "file",
    [
        "solutions/losses.py",
        "exercises/test_losses.py",
        "grader/checks/test_losses.py",
        "grader/misconceptions/losses/nll.py",
    ],
)
def test_a_file_of_an_exercise_changes_its_digest_alone(copy: Path, file: str) -> None:
    original = (copy / file).read_bytes()
    assert changed_by(copy, lambda: (copy / file).write_bytes(original + b"# more\n")) == {"losses"}
    assert changed_by(copy, lambda: (copy / file).write_bytes(original)) == {"losses"}
    assert digests_of(copy) == digests_of(ROOT)


def test_what_hidden_checks_share_changes_every_digest(copy: Path) -> None:
    helper = copy / "grader" / "checks" / "shared.py"
    assert changed_by(copy, lambda: helper.write_text("X = 1\n")) == set(load_course(copy).names)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ('squared_error = ["mse_loss"]', 'squared_error = ["l1_loss"]', {"linear_regression"}),
        ("cpu_seconds = 3.0", "cpu_seconds = 2.5", None),
        ("# due = 2027", "due = 2027", set()),
        ('hidden_feedback = "hint"', 'hidden_feedback = "none"', set()),
        ('title = "Deep learning with PyTorch"', 'title = "Another"', set()),
        ('title = "A line by hand, then with nn.Module"', 'title = "A line"', set()),
    ],
    ids=["a rule", "a limit", "due", "hidden_feedback", "the title", "an exercise's title"],
)
def test_of_the_manifest_what_decides_verdicts_changes_digests(
    copy: Path, old: str, new: str, changed: set[str] | None
) -> None:
    expected = set(load_course(copy).names) if changed is None else changed
    assert changed_by(copy, lambda: edited(copy / "course.toml", old, new)) == expected


def test_points_change_the_digests_of_their_exercises(copy: Path) -> None:
    def change() -> None:
        edited(copy / "course.toml", "points = 11", "points = 10")
        edited(copy / "course.toml", "points = 14", "points = 15")

    assert changed_by(copy, change) == {"linear_regression", "layers"}


def test_a_solution_that_is_imported_counts_for_who_imports_it(copy: Path) -> None:
    training, losses = copy / "solutions" / "training.py", copy / "solutions" / "losses.py"
    training.write_bytes(training.read_bytes() + b"def lazily():\n    from losses import l1_loss\n")
    losses.write_bytes(losses.read_bytes() + b"import optimizers\n")
    found = sources_of(copy / "solutions", ["training"])
    assert list(found) == ["losses.py", "optimizers.py", "training.py"]
    optimizers = copy / "solutions" / "optimizers.py"
    assert changed_by(copy, lambda: optimizers.write_bytes(b"import losses\n")) == {
        *("losses", "optimizers", "training")
    }
    assert "losses" not in load_course(copy).imports()


def test_lines_that_move_from_one_file_to_the_next_change_the_digest(copy: Path) -> None:
    first = copy / "grader" / "checks" / "test_losses.py"
    second = copy / "grader" / "misconceptions" / "losses" / "nll.py"

    def change() -> None:
        lines = first.read_bytes().splitlines(keepends=True)
        first.write_bytes(b"".join(lines[:-1]))
        second.write_bytes(lines[-1] + second.read_bytes())

    assert changed_by(copy, change) == {"losses"}


def test_public_and_hidden_checks_that_change_places_change_the_digest(copy: Path) -> None:
    public = copy / "exercises" / "test_losses.py"
    hidden = copy / "grader" / "checks" / "test_losses.py"
    texts = public.read_bytes(), hidden.read_bytes()

    def change() -> None:
        public.write_bytes(texts[1])
        hidden.write_bytes(texts[0])

    assert changed_by(copy, change) == {"losses"}


def test_what_students_read_changes_no_digest(copy: Path) -> None:
    def change() -> None:
        (copy / "exercises" / "losses.py").write_text("# a stub\n")
        (copy / "exercises" / "README.md").write_text("Read me.\n")
        (copy / "solutions" / "notes.py").write_text("# of no exercise\n")
        (copy / "grader" / "checks" / "torch_losses.py").write_text("# for the audit\n")
        cache = copy / "grader" / "checks" / "__pycache__"
        cache.mkdir()
        (cache / "test_losses.cpython-311.pyc").write_bytes(b"x")

    assert changed_by(copy, change) == set()


def test_part_of_a_course_has_the_same_digests(copy: Path) -> None:
    course = load_course(copy)
    part = conditions_of(course.only(["losses"]), 7, "cpu", "strict", None)
    whole = conditions_of(course, 7, "cpu", "strict", None)
    assert part == {"losses": whole["losses"]}
    assert whole["losses"].differences(whole["layers"]) == ["checks"]
    assert whole["losses"].differences(replace(whole["losses"], seed=8)) == ["seed"]


def test_the_graders_own_sources_and_the_libraries_that_draw_are_one_condition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = engine_digest()
    package = tmp_path / "grader"
    for name in ("checking", "examiner", "probes", "sandbox", "misconceptions"):
        shutil.copytree(ROOT / "grader" / name, package / name)
    for name in ("course.py", "dataset.py", "outcome.py", "plugin.py", "siblings.py"):
        shutil.copyfile(ROOT / "grader" / name, package / name)
    monkeypatch.setattr(digests, "_PACKAGE", package)
    assert engine_digest() == before
    module = package / "probes" / "layers.py"
    module.write_bytes(module.read_bytes() + b"# more\n")
    assert engine_digest() != before


@pytest.mark.parametrize(
    "missing", ["solutions/losses.py", "exercises/test_losses.py", "grader/checks/test_losses.py"]
)
def test_a_file_that_is_missing_is_told(copy: Path, missing: str) -> None:
    (copy / missing).unlink()
    with pytest.raises(CourseError, match="is missing; the exercise 'losses'") as raised:
        conditions_of(load_course(copy), 7, "cpu", "strict", None)
    assert str(raised.value).startswith(str(copy / missing))
