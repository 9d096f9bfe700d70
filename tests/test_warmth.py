"""Which sandboxes find what warm: it follows from the exercise and the submission's own text."""

from __future__ import annotations

import pytest

from grader.course import Course
from grader.examiner.warmth import OPTIM, TORCH, Warmth, warmth_of


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
    found = {name: warmth.groups[warmth.of(name)] for name in warmth.needed}
    assert [name for name in found if found[name] == set()] == ["layers", "convnets", "losses"]
    assert [name for name in found if found[name] == {OPTIM}] == [
        *("linear_regression", "backprop", "optimizers", "training")
    ]
    assert warmth.groups[TORCH] == frozenset()


def test_whoever_needs_more_than_torch_finds_all_of_torch(warmth: Warmth) -> None:
    assert all(OPTIM in modules for name, modules in warmth.groups.items() if name != TORCH)


def test_each_exercise_finds_all_that_its_solution_imports(warmth: Warmth) -> None:
    for name, needed in warmth.needed.items():
        assert warmth.groups[warmth.of(name)] >= needed, name
    assert {"PIL", "torchvision.datasets"} <= warmth.needed["data"]
    assert {"matplotlib.pyplot", "torch.utils.tensorboard"} == warmth.needed["monitoring"]
    assert warmth.needed["optimizers"] == {OPTIM}


def test_what_a_submission_mentions_is_warm_for_it(warmth: Warmth) -> None:
    plain = warm(warmth, "losses", losses="import torch\n# optimal, of torch's vision\n")
    assert plain == set()
    assert "torchvision" in warm(warmth, "losses", losses="import torchvision as tv\n")
    assert "matplotlib" in warm(warmth, "losses", losses="import matplotlib.pyplot as plt\n")
    both = warm(warmth, "data", data="import torch.utils.tensorboard\n")
    assert {"torchvision", "torch.utils.tensorboard"} <= both


WAYS = (
    *("torch.optim.SGD", "from torch import optim", "optimizer.zero_grad()", "torch.func.grad"),
    *("torch.compile(f)", "torch.zeros(1, device='meta')", "torch.jit.trace", "torch._dynamo"),
    *("getattr(torch, name)", "eval(text)", "importlib.import_module(name)", "vars(torch)[name]"),
    *("torch.utils.checkpoint", "torch.autograd.gradcheck(f, x)", "sys.modules", "__import__(x)"),
)
PLAIN = (
    *("model.eval()", "self.optimal = _torch.x", "functional.relu(x)", "def sparseness(meta_): 1"),
    *("loss.backward()", "x.requires_grad_()", "super().__init__()", "F.linear(x, w)"),
)


@pytest.mark.parametrize("text", WAYS)
def test_what_torch_imports_late_is_warm_for_whoever_may_use_it(warmth: Warmth, text: str) -> None:
    assert warm(warmth, "losses", losses=f"def f(x):\n    return {text}\n") == {"torch", OPTIM}


@pytest.mark.parametrize("text", PLAIN)
def test_nobody_waits_for_what_torch_imports_late_who_has_no_use_for_it(
    warmth: Warmth, text: str
) -> None:
    assert warm(warmth, "losses", losses=f"def f(x):\n    {text}\n") == set()


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
    assert expected("training", "layers") == [[OPTIM]]
    pictures = ["PIL", OPTIM, "torchvision.datasets", "torchvision.transforms"]
    assert expected("data", "losses") == [[OPTIM], pictures]
    assert len(expected(*course.names)) == 3
    (everything,) = [tier for tier in warmth.tiers(course.names) if not tier["expected"]]
    assert everything["modules"] == sorted(set().union(*warmth.needed.values()))


def test_what_all_others_need_is_warmed_once(warmth: Warmth, course: Course) -> None:
    first, *others = warmth.tiers(course.names)
    assert (first["modules"], first["of"]) == ([OPTIM], TORCH)
    assert {tier["of"] for tier in others} == {first["name"]}


def test_exercises_come_first_whose_sandboxes_are_there_first(
    warmth: Warmth, course: Course
) -> None:
    ordered = sorted(course.names, key=warmth.turn)
    torch_alone = {name for name in course.names if not warmth.needed[name]}
    first = len(torch_alone)
    assert set(ordered[:first]) == torch_alone
    assert {frozenset(warmth.needed[name]) for name in ordered[first:-2]} == {frozenset({OPTIM})}
    assert ordered[-2:] == ["monitoring", "data"]
