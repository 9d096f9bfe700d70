"""What an exercise forbids is refused by torch itself, whatever it is called.

Refusals change torch, so this file, run as a script, tries everything in a process of its own and
writes what happened as JSON; the tests read that.
"""

from __future__ import annotations

import functools
import gc
import json
import os
import re
import subprocess
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.optim import SGD as imported_sgd
from torch.optim.adam import adam as imported_adam

from grader.course import load_course
from grader.sandbox import refuse as of_refuse
from grader.sandbox.refuse import Refused, allow, look_up, operators_of, refuse

ROOT = Path(__file__).parent.parent
FIRST, SECOND = torch.tensor([[0.2, 0.7, 0.1], [0.6, 0.3, 0.1]]), torch.full((2, 3), 0.5)
CLASSES = torch.tensor([0, 2])
LOSSES = {
    "l1_loss": (nn.L1Loss, SECOND),
    "smooth_l1_loss": (nn.SmoothL1Loss, SECOND),
    "huber_loss": (nn.HuberLoss, SECOND),
    "mse_loss": (nn.MSELoss, SECOND),
    "binary_cross_entropy": (nn.BCELoss, SECOND),
    "binary_cross_entropy_with_logits": (nn.BCEWithLogitsLoss, SECOND),
    "nll_loss": (nn.NLLLoss, CLASSES),
    "cross_entropy": (nn.CrossEntropyLoss, CLASSES),
}
EXERCISES = {exercise.name: exercise for exercise in load_course(ROOT).exercises}
RULES = {
    function: list(things)
    for exercise in EXERCISES.values()
    for function, things in exercise.forbidden.items()
}
Ways = dict[str, Callable[[], Any]]


# what is tried, in a process of its own


def ways_to_a_loss(name: str) -> Ways:
    """Ways to one loss, with all that a student can prepare while nothing is refused."""
    kind, target = LOSSES[name]
    function, module, inputs = getattr(F, name), kind(), FIRST.clone().requires_grad_()
    copied = copy_of(function)
    scripted = torch.jit.script(function)
    traced = torch.jit.trace(lambda x, y: function(x, y), (FIRST, target))
    names = {"torch": torch, "x": FIRST, "y": target}
    ways: Ways = {
        "imported before": lambda: function(FIRST, target),
        "by its name": lambda: getattr(torch.nn.functional, name)(FIRST, target),
        "by a part of its name": lambda: getattr(F, name[:3] + name[3:])(FIRST, target),
        "by keywords": lambda: function(input=FIRST, target=target, reduction="none"),
        "in eval": lambda: eval(f"torch.nn.functional.{name}(x, y)", names),
        "as a module": lambda: kind()(FIRST, target),
        "as a module made before": lambda: module(FIRST, target),
        "as its class's forward": lambda: kind.forward(module, FIRST, target),
        "with a gradient": lambda: function(inputs, target),
        "in inference mode": lambda: torch.inference_mode()(function)(FIRST, target),
        "under vmap": lambda: torch.vmap(function)(FIRST, target),
        "under torch.func.grad": lambda: torch.func.grad(function)(FIRST, target),
        "in a partial": lambda: functools.partial(function, FIRST)(target),
        "a copy made before": lambda: copied(FIRST, target),
        "a copy made after": lambda: copy_of(function)(FIRST, target),
        "scripted before": lambda: scripted(FIRST, target),
        "scripted after": lambda: torch.jit.script(kind())(FIRST, target),
        "traced before": lambda: traced(FIRST, target),
    }
    for place, holder in places().items():
        for attribute in dir(holder):
            if re.fullmatch(rf"_?{name}(_loss)?(2d|_nd)?(_forward)?", attribute):
                found = getattr(holder, attribute)
                ways[f"{place}.{attribute}"] = functools.partial(called_somehow, found, target)
    for operator in operators_of(name):
        packet, _, overload = operator.removeprefix("aten::").partition(".")
        found = getattr(getattr(torch.ops.aten, packet), overload or "default")
        ways[operator] = functools.partial(called_somehow, found, target)
    return ways


def copy_of(function: Any) -> Callable[..., Any]:
    parts = function.__code__, function.__globals__, "mine", function.__defaults__
    return types.FunctionType(*parts)


def places() -> dict[str, Any]:
    """Where torch keeps functions."""
    return {
        "torch": torch,
        "torch.Tensor": torch.Tensor,
        "torch._C._nn": torch._C._nn,
        "torch._VF": torch._VF,
        "torch._refs.nn.functional": sys.modules["torch._refs.nn.functional"],
        "torch._decomp.decompositions": sys.modules["torch._decomp.decompositions"],
    }


_FURTHER: list[list[Any]] = [[], [1], [None, 1], [None, 1, -100], [None, None, 1]]
_FURTHER.append([None, "mean", -100])


def called_somehow(function: Callable[..., Any], target: torch.Tensor) -> Any:
    """Call one of torch's inner functions with the arguments that it turns out to take."""
    images = FIRST.reshape(2, 3, 1, 1), target.reshape(2, 1, -1)[:, :, :1].contiguous()
    out = {"out": torch.empty(0)}
    pair = {"output": torch.empty(0), "total_weight": torch.empty(0)}
    last: Exception | None = None
    for first, second in ((FIRST, target), images):
        for arguments in _FURTHER:
            for keywords in ({}, out, pair):
                try:
                    return function(first, second, *arguments, **keywords)
                except (TypeError, RuntimeError, ValueError) as error:
                    last = error
    raise TypeError("nothing it takes was found") from last


def ways_to_an_optimizer() -> Ways:
    """Ways to a step of torch's optimizers."""
    parameter = nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    made = torch.optim.SGD([parameter], lr=0.1)
    lists = [parameter.data], [parameter.grad]
    options = {"weight_decay": 0.0, "momentum": 0.0, "lr": 0.1, "dampening": 0.0}
    options |= {"nesterov": False, "maximize": False, "is_first_step": True}

    class Derived(torch.optim.Optimizer):
        def __init__(self) -> None:
            super().__init__([parameter], {})

    ways: Ways = {
        "imported before": lambda: imported_sgd([parameter], lr=0.1),
        "made before": made.step,
        "zero_grad": made.zero_grad,
        "state_dict": made.state_dict,
        "a derived class": Derived,
        "the function behind it, imported before": imported_adam,
        "the function behind it": sys.modules["torch.optim.sgd"].sgd,
        "a scheduler": lambda: torch.optim.lr_scheduler.StepLR(made, 1),
        "the fused step": lambda: torch._fused_sgd_(*lists, [], **options),
        "the fused operator": lambda: torch.ops.aten._fused_sgd(*lists, [], **options),
    }
    for name in ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "LBFGS", "NAdam", "Rprop"):
        kind = getattr(torch.optim, name)
        ways[name] = functools.partial(kind, [parameter])
        ways[f"{name}.step"] = functools.partial(kind.step, made)
        ways[f"{name}.__init__"] = functools.partial(torch.optim.Optimizer.__init__, made, [], {})
    return ways


def allowed() -> Ways:
    """What no rule of the course forbids, each as a value that can be compared."""

    def learnt() -> Any:
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 3))
        network(FIRST).log_softmax(-1).gather(1, CLASSES.unsqueeze(1)).mean().backward()
        return network[0].weight.grad

    return {
        "log_softmax": lambda: F.log_softmax(FIRST, -1),
        "logsumexp": lambda: torch.logsumexp(FIRST, -1),
        "softmax": lambda: nn.Softmax(-1)(FIRST),
        "sigmoid": lambda: FIRST.sigmoid(),
        "logsigmoid": lambda: F.logsigmoid(FIRST),
        "gather": lambda: FIRST.gather(1, CLASSES.unsqueeze(1)),
        "one_hot": lambda: F.one_hot(CLASSES, 3),
        "kl_div": lambda: F.kl_div(FIRST.log(), SECOND, reduction="sum"),
        "norm": lambda: torch.linalg.vector_norm(FIRST - SECOND),
        "pairwise distance": lambda: torch.cdist(FIRST, SECOND),
        "learning": learnt,
        "clipping": lambda: nn.utils.clip_grad_norm_([nn.Parameter(FIRST)], 1.0),
    }


# What of the course's rules they use: where one of these is listed, they are refused.
PARTS = {
    "log_softmax": {"log_softmax"},
    "logsumexp": {"logsumexp"},
    "softmax": {"softmax"},
    "sigmoid": {"sigmoid"},
    "learning": {"linear", "relu", "log_softmax", "autograd"},
}


def outcome_of(way: Callable[[], Any]) -> str:
    try:
        value = way()
    except Refused:
        return "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if isinstance(value, torch.Tensor):
        return str([round(number, 5) for number in value.flatten().tolist()])
    return "a value"


Told = list[str]


def where_refused(names: Sequence[str], action: Callable[[Told], Any]) -> Any:
    """What an action gives in a child of this process in which these names are refused.

    It gets the list of what is told. What is refused is refused for good.
    """
    return in_a_child(lambda told: refuse(names, told.append) and action(told))


def in_a_child(action: Callable[[Told], Any]) -> Any:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            with open(writing, "w", encoding="utf-8") as file:
                json.dump(action([]), file)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as file:
        text = file.read()
    status = os.waitpid(pid, 0)[1]
    assert status == 0, f"the child ended with {status}"
    return json.loads(text)


def tried(told: Told, ways: Ways) -> dict[str, list[Any]]:
    found = {}
    for way, call in ways.items():
        told.clear()
        found[way] = [outcome_of(call), list(dict.fromkeys(told))]
    return found


def refused_and_allowed(names: Sequence[str], ways: Ways) -> dict[str, Any]:
    """What becomes of each way where names are refused, and where that was undone."""

    def action(told: Told) -> dict[str, Any]:
        undo = refuse(names, told.append)
        refused = tried(told, ways)
        allow(undo)
        return {"refused": refused, "after": {way: outcome_of(call) for way, call in ways.items()}}

    return in_a_child(action)


def caught(told: Told) -> list[str]:
    for _ in range(2):
        try:
            F.mse_loss(FIRST, SECOND)
        except BaseException:
            torch.ops.aten.l1_loss(FIRST, SECOND)
    return list(dict.fromkeys(told))


def report() -> dict[str, Any]:
    torch.set_num_threads(1)  # a fork of a process with more hangs at its next parallel loop
    look_up(sorted({thing for things in RULES.values() for thing in things}))
    free, found = {name: outcome_of(call) for name, call in allowed().items()}, {}
    for name in LOSSES:
        ways = ways_to_a_loss(name)
        before = {way: outcome_of(call) for way, call in ways.items()}
        found[name] = {"before": before, **refused_and_allowed([name], ways)}
    ways = ways_to_an_optimizer()
    functions = {
        function: where_refused(
            things,
            lambda told: {
                "losses": {name: outcome_of(loss_call(name)) for name in LOSSES},
                "others": {name: outcome_of(call) for name, call in allowed().items()},
            },
        )
        for function, things in RULES.items()
    }
    distance = nn.PairwiseDistance()
    dotted = {"class": lambda: distance(FIRST, SECOND), "F": loss_call("mse_loss")}
    return {
        "losses": found,
        "optimizers": where_refused(["torch.optim"], lambda told: tried(told, ways)),
        "functions": functions,
        "free": free,
        "caught": where_refused(["mse_loss"], caught),
        "dotted": where_refused(["nn.PairwiseDistance"], lambda told: tried(told, dotted)),
        "overlapping": in_a_child(overlapping),
        "left": in_a_child(left_of_what_was_there),
    }


def overlapping(told: Told) -> list[Any]:
    """What works once names that overlap were refused and allowed."""
    allow(refuse(["torch.optim", "torch.optim.SGD", "optim.SGD", "mse_loss"], told.append))
    parameter = nn.Parameter(torch.ones(2))
    parameter.grad = torch.ones(2)
    torch.optim.SGD([parameter], lr=0.5).step()
    return [outcome_of(loss_call("mse_loss")), parameter.tolist()]


def left_of_what_was_there(told: Told) -> dict[str, Any]:
    """What of torch's own code, and of what refuses it, gc still finds after a refusal."""
    functions = of_refuse._functions("torch.optim")
    codes = {id(function.__code__): function.__qualname__ for function in functions}
    undo = refuse(["torch.optim", "mse_loss"], told.append)
    hidden = {address for pair in undo["codes"] for address in pair[1:]} | {*undo["libraries"]}
    del undo, functions
    gc.collect()
    gc.unfreeze()
    everything = gc.get_objects()
    reached = {id(part) for found in everything for part in gc.get_referents(found)}
    return {
        "codes": len(codes),
        "found": sorted(codes[address] for address in reached & codes.keys()),
        "hidden": len(hidden & (reached | {id(found) for found in everything})),
    }


def loss_call(name: str) -> Callable[[], Any]:
    return lambda: getattr(F, name)(FIRST, LOSSES[name][1])


# the tests


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", __file__],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", LOSSES)
def test_a_forbidden_loss_is_refused_whatever_it_is_called(found, name):
    results = found["losses"][name]["refused"]
    assert len(results) >= 20
    scripted = {"scripted before", "scripted after", "traced before"}
    for way, (outcome, names) in results.items():
        if way in scripted:  # the interpreter wraps what a kernel raises
            assert outcome.startswith(("refused", "RuntimeError", "Error", "NotSupportedError")), (
                way
            )
        else:
            assert outcome == "refused", way
            assert names, way


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_refused_is_named(found, name):
    results = found["losses"][name]["refused"]
    assert results["imported before"][1] == [f"torch.nn.functional.{name}"]
    assert results["as a module made before"][1] == [f"torch.nn.functional.{name}"]
    assert results["a copy made before"][1] == [f"torch's {name}"]
    assert results[operators_of(name)[0]][1] == [f"torch's {name}"]


@pytest.mark.parametrize("name", LOSSES)
def test_what_was_scripted_or_traced_before_is_named_too(found, name):
    results = found["losses"][name]["refused"]
    assert results["scripted before"][1] == [f"torch's {name}"]
    assert results["traced before"][1] == [f"torch's {name}"]


@pytest.mark.parametrize("name", LOSSES)
def test_all_ways_lead_somewhere_until_they_are_refused(found, name):
    for way, outcome in found["losses"][name]["before"].items():
        assert outcome.startswith(("[", "a value")), way


@pytest.mark.parametrize("name", LOSSES)
def test_once_allowed_again_everything_is_as_it_was(found, name):
    assert found["losses"][name]["after"] == found["losses"][name]["before"]


def test_torchs_optimizers_are_refused_whatever_they_are_called(found):
    for way, (outcome, names) in found["optimizers"].items():
        assert (outcome, names) == ("refused", ["torch.optim"]), way


@pytest.mark.parametrize("function", RULES)
def test_each_function_of_the_course_refuses_its_own_losses_and_no_others(found, function):
    losses = found["functions"][function]["losses"]
    refused = {name for name, outcome in losses.items() if outcome == "refused"}
    through_it = {"cross_entropy"} if "log_softmax" in RULES[function] else set()
    assert refused == set(RULES[function]) & set(LOSSES) | through_it


@pytest.mark.parametrize("function", RULES)
def test_what_is_not_listed_stays_allowed(found, function):
    forbidden = {way for way, parts in PARTS.items() if parts & set(RULES[function])}
    others = found["functions"][function]["others"]
    assert {way for way, outcome in others.items() if outcome == "refused"} == forbidden
    for way in others.keys() - forbidden:
        assert others[way] == found["free"][way], way


def test_log_softmax_is_allowed_where_cross_entropy_is_not(found):
    cross_entropy = found["functions"]["cross_entropy"]
    assert cross_entropy["losses"]["cross_entropy"] == "refused"
    assert cross_entropy["others"]["log_softmax"].startswith("[")


def test_a_refusal_that_is_caught_was_tried_all_the_same(found):
    assert found["caught"] == ["torch.nn.functional.mse_loss"]


def test_a_name_with_a_dot_is_one_class(found):
    assert found["dotted"]["class"] == ["refused", ["torch.nn.PairwiseDistance"]]
    assert found["dotted"]["F"][0].startswith("[")


def test_nothing_leads_to_the_code_that_was_there(found):
    assert found["left"]["codes"] > 100
    assert found["left"]["found"] == []
    assert found["left"]["hidden"] == 0


def test_names_that_overlap_are_allowed_again_completely(found):
    assert found["overlapping"] == ["[0.08333]", [0.5, 0.5]]


def test_every_thing_that_the_course_forbids_is_one_that_torch_has():
    for things in RULES.values():
        for thing in things:
            assert of_refuse._functions(thing) or operators_of(thing), thing


def test_the_module_compiles_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(Path(of_refuse.__file__).read_text(encoding="utf-8"), of_refuse.__file__, "exec")


if __name__ == "__main__":
    print(json.dumps(report()))
