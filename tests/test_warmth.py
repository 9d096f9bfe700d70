"""Which sandboxes find what warm: it follows from the exercise and the submission's own text."""

from __future__ import annotations

import pytest

from grader.course import Course
from grader.examiner.warmth import TORCH, Warmth, warmth_of


@pytest.fixture(scope="module")
def warmth(course: Course) -> Warmth:
    return warmth_of(course)


def warm(warmth: Warmth, exercise: str, **files: str) -> set[str]:
    """What is warm for an exercise of a submission, by the words that name it."""
    given = {f"{name}.py": text.encode() for name, text in files.items()}
    return {name.split(".")[0] for name in warmth.groups[warmth.for_files(exercise, given)]} | {
        name for name in warmth.groups[warmth.for_files(exercise, given)] if "torch." in name
    }


def test_exercises_that_need_torch_alone_find_torch_alone(warmth: Warmth) -> None:
    assert [name for name in warmth.needed if warmth.of(name) == TORCH] == [
        *("linear_regression", "layers", "convnets", "losses", "backprop", "optimizers", "training")
    ]
    assert warmth.groups[TORCH] == frozenset()


def test_each_exercise_finds_all_that_its_solution_imports(warmth: Warmth) -> None:
    for name, needed in warmth.needed.items():
        assert warmth.groups[warmth.of(name)] >= needed, name
    assert {"PIL", "torchvision.datasets"} <= warmth.needed["data"]
    assert {"matplotlib.pyplot", "torch.utils.tensorboard"} == warmth.needed["monitoring"]
    assert warmth.needed["optimizers"] == set()


def test_what_a_submission_mentions_is_warm_for_it(warmth: Warmth) -> None:
    plain = warm(warmth, "losses", losses="import torch\n# optimal, of torch's vision\n")
    assert plain == set()
    assert "torchvision" in warm(warmth, "losses", losses="import torchvision as tv\n")
    assert "matplotlib" in warm(warmth, "losses", losses="import matplotlib.pyplot as plt\n")
    both = warm(warmth, "data", data="import torch.utils.tensorboard\n")
    assert {"torchvision", "torch.utils.tensorboard"} <= both


def test_a_file_counts_where_another_imports_it_and_nowhere_else(warmth: Warmth) -> None:
    beside = {"helpers": "import torchvision\n", "data": "import torchvision\n"}
    assert warm(warmth, "losses", losses="x = data = 1  # helpers\n", **beside) == set()
    importing = "def f():\n    from helpers import g\n"
    assert "torchvision" in warm(warmth, "losses", losses=importing, **beside)
    chain = {"losses": "import layers\n", "layers": "import helpers, os\n"}
    assert "torchvision" in warm(warmth, "losses", **chain, **beside)


def test_only_what_will_be_asked_for_is_expected(warmth: Warmth, course: Course) -> None:
    def expected(*names: str) -> list[object]:
        return [tier["modules"] for tier in warmth.tiers(names) if tier["expected"]]

    assert expected("losses", "layers") == []
    assert expected("data", "losses") == [["PIL", "torchvision.datasets", "torchvision.transforms"]]
    assert len(expected(*course.names)) == 2
    (everything,) = [tier for tier in warmth.tiers(course.names) if not tier["expected"]]
    assert everything["modules"] == sorted(set().union(*warmth.needed.values()))


def test_exercises_come_first_whose_sandboxes_are_there_first(
    warmth: Warmth, course: Course
) -> None:
    ordered = sorted(course.names, key=warmth.turn)
    torch_alone = {name for name in course.names if not warmth.needed[name]}
    assert set(ordered[: len(torch_alone)]) == torch_alone
    assert ordered[len(torch_alone)] == "monitoring"
