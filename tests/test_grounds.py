"""What verdicts rest on: a digest changes with what Python runs, and where a verdict may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from changing import CHANGES, CHECKS, MEANS, PRODUCTS, write_course

from grader.course import load_course
from grader.grounds import Grounds, grounds_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def differing(root: Path, change: Callable[[], object]) -> set[str]:
    """What of the grounds of `counting` is another after a change, as `checks double_gradient`."""
    before = flat(grounds_of(load_course(root), "counting"))
    change()
    after = flat(grounds_of(load_course(root), "counting"))
    return {name for name in before | after if before.get(name) != after.get(name)}


def flat(grounds: Grounds) -> dict[str, str]:
    found = {}
    for kind, value in asdict(grounds).items():
        for name, digest in (value if isinstance(value, dict) else {"": value}).items():
            found[f"{kind} {name.removeprefix('counting/test_')}".strip()] = digest
    return found


def edited(file: Path, old: str, new: str) -> Callable[[], None]:
    def edit() -> None:
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1
        file.write_text(text.replace(old, new), encoding="utf-8")

    return edit


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a comment", set()),
        ("a docstring of the module", set()),
        ("a title", {"everything"}),
        ("points are moved", {"everything"}),
        ("a check is stricter", {"everything", "checks average_of_large_numbers"}),
        ("a check asks more", {"everything", "checks average_refuses_text"}),
        (
            "a helper of two checks",
            {"everything", "checks average_matches_torch", "checks size_matches_torch"},
        ),
        ("a new check", {"everything", "checks size_of_large_numbers"}),
        ("a check is gone", {"everything", "checks double_refuses_text"}),
        (
            "a check has another name",
            {"everything", "checks spread_matches_torch", "checks spread_is_right"},
        ),
        ("a check is written otherwise", {"everything", "checks average_of_large_numbers"}),
        ("a hint", {"everything", "mistakes average"}),
        ("a known mistake is gone", {"everything", "mistakes double"}),
        ("a solution", {"everything"}),
        ("a rule", {"everything", "rules size"}),
        ("a limit", {"everything", "settings"}),
    ],
)
def test_a_change_shows_where_a_verdict_may_change(root: Path, name: str, expected: set[str]):
    assert differing(root, lambda: CHANGES[name][0](root)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "torch.set_default_dtype(torch.float64)",
        "if torch:\n    LARGE.mul_(2)",
        "LARGE[0] = 1.0",
        "pytestmark = []",
        "def setup_function():\n    LARGE.zero_()",
        "from os.path import *",
        "@strategies.fixture(autouse=True)\ndef always():\n    pass",
    ],
)
def test_what_nothing_mentions_may_touch_every_check_of_its_file(root: Path, text: str):
    file = root / CHECKS
    changed = differing(root, lambda: file.write_text(f"{file.read_text()}\n\n{text}\n"))
    hidden = {name for name in flat(grounds_of(load_course(root), "counting")) if "checks" in name}
    public = {"checks double_of_three", "checks average_of_two_numbers"}
    assert changed == {"everything", *hidden} - public


def test_what_hidden_checks_share_may_touch_every_check(root: Path):
    helper = root / "grader" / "checks" / "shapes.py"
    changed = differing(root, lambda: helper.write_text("SHAPES = [1]\n"))
    assert len([name for name in changed if name.startswith("checks")]) == 11
    assert differing(root, lambda: helper.write_text("# of tensors\nSHAPES = [1]\n")) == set()


def test_a_source_that_may_read_its_own_comments_counts_as_it_is_written(root: Path):
    file = root / CHECKS
    file.write_text(file.read_text() + "\n\nTITLES = [widened.__doc__]\n")
    changed = differing(root, lambda: CHANGES["a comment"][0](root))
    assert changed == {"everything"}
    known = grounds_of(load_course(root), "counting").checks
    assert list(known) == ["counting/test_double_of_three", "counting/test_average_of_two_numbers"]


def test_a_known_mistake_that_others_import_may_be_behind_all_of_them(root: Path):
    products = root / PRODUCTS
    products.write_text(
        f"from grader.misconceptions.counting.means import refused\n{products.read_text()}"
    )
    all_four = {f"mistakes {function}" for function in ("double", "average", "size", "spread")}
    changed = differing(root, edited(root / MEANS, "This is the sum:", "It is the sum:"))
    assert changed == {"everything", *all_four}


def test_a_known_mistake_of_nobody_knows_what_is_one_of_every_function(root: Path):
    means = root / MEANS
    means.write_text(
        means.read_text().replace('of="average", hint=SUM', 'of="aver" + "age", hint=SUM')
    )
    changed = differing(root, edited(means, "This is the sum:", "It is the sum:"))
    assert len(changed) == 5


def test_a_function_knows_its_checks_in_their_order(root: Path):
    course = load_course(root)
    grounds = grounds_of(course, "counting")
    assert [id for id, _ in grounds.checks_of("size", course.exercise("counting"))] == [
        "counting/test_size_matches_torch",
        "counting/test_size_of_drawn_numbers",
    ]
    assert Grounds.read(grounds.as_data()) == grounds
