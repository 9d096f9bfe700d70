"""A layer that is to be written is refused, whatever torch calls it; what it is made of is not.

Refusals change torch, so this file, run as a script, tries everything in a process of its own and
writes what happened as JSON; the tests read that.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from test_refuse import RULES, Told, Ways, in_a_child, outcome_of, tried
from torch import nn

from grader.course import load_course
from grader.sandbox.refuse import allow, look_up, refuse

ROOT = Path(__file__).parent.parent
X, W, SLOPE = torch.tensor([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]), torch.eye(3), torch.tensor([0.5])
BIAS, CLASSES, NOISE = torch.ones(3), torch.tensor([0, 1]), torch.empty(2, 3)
ATEN = torch.ops.aten
OWN = load_course(ROOT).exercise("layers").forbidden

references = sys.modules["torch._refs"]
of_special = sys.modules["torch._refs.special"]
of_functional = sys.modules["torch._refs.nn.functional"]
decompositions = sys.modules["torch._decomp.decompositions"]


def ways_to_linear() -> Ways:
    layer = nn.Linear(3, 3)
    parameters = {"weight": W, "bias": BIAS}
    traced = torch.jit.trace(lambda x: F.linear(x, W), (X,))
    return {
        "F.linear": lambda: F.linear(X, W),
        "with a bias": lambda: F.linear(X, W, BIAS),
        "with a gradient": lambda: F.linear(X.clone().requires_grad_(), W),
        "of torch._C": lambda: torch._C._nn.linear(X, W),
        "aten": lambda: ATEN.linear(X, W),
        "out": lambda: ATEN.linear.out(X, W, out=torch.empty(0)),
        "oneDNN": lambda: ATEN.mkldnn_linear(X.to_mkldnn(), W.to_mkldnn(), None).to_dense(),
        "under vmap": lambda: torch.vmap(lambda x: F.linear(x, W))(X),
        "nn.Linear": lambda: nn.Linear(3, 2),
        "made before": lambda: layer(X),
        "its forward": lambda: nn.Linear.forward(layer, X),
        "functional_call": lambda: torch.func.functional_call(layer, parameters, (X,)),
        "LazyLinear": lambda: nn.LazyLinear(2)(X),
        "a derived class": lambda: nn.modules.linear.NonDynamicallyQuantizableLinear(3, 2),
        "traced before": lambda: traced(X),
    }


def ways_to_an_activation(name: str, kind: type[nn.Module]) -> Ways:
    """Ways to one of those that torch has as a function, as a method and in place."""
    made, function, method = kind(), getattr(torch, name), getattr(torch.Tensor, name)
    in_place, scripted = getattr(torch.Tensor, f"{name}_"), torch.jit.script(kind())
    return {
        "of torch": lambda: function(X),
        "of F": lambda: getattr(F, name)(X),
        "a method": lambda: getattr(X, name)(),
        "a method taken before": lambda: method(X),
        "in place": lambda: in_place(X.clone()),
        "in place, of torch": lambda: getattr(torch, f"{name}_")(X.clone()),
        "with a gradient": lambda: function(X.clone().requires_grad_()),
        "in float64": lambda: function(X.double()),
        "in bfloat16": lambda: function(X.bfloat16()).float(),
        "aten": lambda: getattr(ATEN, name)(X),
        "aten, out": lambda: getattr(ATEN, name).out(X, out=torch.empty(0)),
        "under vmap": lambda: torch.vmap(function)(X),
        "under grad": lambda: torch.func.grad(lambda x: function(x).sum())(X),
        "in inference mode": lambda: torch.inference_mode()(function)(X),
        "of oneDNN": lambda: function(X.to_mkldnn()).to_dense(),
        "a layer": lambda: kind()(X),
        "a layer made before": lambda: made(X),
        "a layer scripted before": lambda: scripted(X),
    }


def ways_to_softmax() -> Ways:
    """Ways to a softmax, its logarithm and what is below its fraction."""
    ways: Ways = {}
    for name in ("softmax", "log_softmax", "logsumexp"):
        for place, holder in {
            "torch": torch,
            "torch.Tensor": torch.Tensor,
            "torch.special": torch.special,
            "torch.masked": torch.masked,
            "aten": ATEN,
            "torch._refs": references,
            "F": F if name != "logsumexp" else torch,
            "torch._refs.special": of_special if name != "logsumexp" else references,
        }.items():
            function = getattr(holder, name)
            ways[f"{place}.{name}"] = lambda function=function: function(X, 1)
    return ways | {
        "nn.Softmax": lambda: nn.Softmax(1)(X),
        "nn.LogSoftmax": lambda: nn.LogSoftmax(1)(X),
        "nn.Softmax2d": lambda: nn.Softmax2d()(X[:, :, None]),
        "nn.Softmin": lambda: nn.Softmin(1)(-X),
        "F.softmin": lambda: F.softmin(-X, 1),
        "F.gumbel_softmax": lambda: F.gumbel_softmax(X),
        "F.cross_entropy": lambda: F.cross_entropy(X, CLASSES, reduction="none"),
        "attention": lambda: F.scaled_dot_product_attention(X, W, W, scale=1.0),
        "torch._softmax": lambda: torch._softmax(X, 1, False),
        "torch._log_softmax": lambda: torch._log_softmax(X, 1, False),
        "torch._safe_softmax": lambda: torch._safe_softmax(X, 1),
        "torch._masked_softmax": lambda: torch._masked_softmax(X, X > 9, 1),
        "torch.masked.softmin": lambda: torch.masked.softmin(-X, 1),
        "sparse": lambda: torch.sparse.softmax(X.to_sparse(), 1).to_dense(),
        "sparse, logarithm": lambda: torch.sparse.log_softmax(X.to_sparse(), 1).to_dense(),
        "decomposed": lambda: decompositions._softmax(X, 1, False),
        "decomposed, logarithm": lambda: decompositions._log_softmax(X, 1, False),
        "under vmap": lambda: torch.vmap(lambda x: x.softmax(0))(X),
    }


def ways() -> dict[str, Ways]:
    """All ways to each function of the exercise that is to be written."""
    to_softmax = ways_to_softmax()
    return {
        "linear": ways_to_linear(),
        "sigmoid": {
            **ways_to_an_activation("sigmoid", nn.Sigmoid),
            "torch.special.expit": lambda: torch.special.expit(X),
            "aten, special": lambda: ATEN.special_expit(X),
            "torch._refs": lambda: references.sigmoid(X),
            "torch._refs.special": lambda: of_special.expit(X),
            "of a list": lambda: torch._foreach_sigmoid([X])[0],
        },
        "tanh": {
            **ways_to_an_activation("tanh", nn.Tanh),
            "torch._refs": lambda: references.tanh(X),
            "prims": lambda: torch.ops.prims.tanh(X),
            "of a list": lambda: torch._foreach_tanh([X])[0],
            "what tanhshrink leaves": lambda: X - F.tanhshrink(X),
        },
        "relu": {
            **ways_to_an_activation("relu", nn.ReLU),
            "a layer in place": lambda: nn.ReLU(inplace=True)(X.clone()),
            "in place, of F": lambda: F.relu_(X.clone()),
            "torch._refs": lambda: of_functional.relu(X),
            "of a sum": lambda: torch._add_relu(X, torch.zeros(2, 3)),
        },
        "leaky_relu": {
            "of F": lambda: F.leaky_relu(X),
            "in place, of F": lambda: F.leaky_relu_(X.clone()),
            "of torch._C": lambda: torch._C._nn.leaky_relu(X),
            "aten": lambda: ATEN.leaky_relu(X),
            "torch._refs": lambda: of_functional.leaky_relu(X),
            "a layer": lambda: nn.LeakyReLU()(X),
            "under vmap": lambda: torch.vmap(F.leaky_relu)(X),
        },
        "prelu": {
            "of torch": lambda: torch.prelu(X, SLOPE),
            "of F": lambda: F.prelu(X, SLOPE),
            "a method": lambda: X.prelu(SLOPE),
            "aten": lambda: ATEN.prelu(X, SLOPE),
            "its kernel": lambda: torch._prelu_kernel(X, SLOPE),
            "torch._refs": lambda: of_functional.prelu(X, SLOPE),
            "decomposed": lambda: decompositions._prelu_kernel(X, SLOPE),
            "a layer": lambda: nn.PReLU()(X),
        },
        "rrelu": {
            "of torch": lambda: torch.rrelu(X),
            "in place, of torch": lambda: torch.rrelu_(X.clone()),
            "of F": lambda: F.rrelu(X, training=True),
            "in place, of F": lambda: F.rrelu_(X.clone()),
            "aten": lambda: ATEN.rrelu(X),
            "with noise": lambda: torch._C._nn.rrelu_with_noise(X, NOISE, 0.1, 0.2, True),
            "with noise, aten": lambda: ATEN.rrelu_with_noise_functional(X, NOISE, 0.1, 0.2)[0],
            "a layer": lambda: nn.RReLU()(X),
        },
        "softmax": to_softmax,
        "log_softmax": to_softmax,
    }


def materials() -> Ways:
    """What one makes layers of, each as a value that can be compared."""
    zeros = torch.zeros_like(X)

    def learnt() -> Any:
        leaf = X.clone().requires_grad_()
        bent = torch.where(leaf > 0, leaf, 0.1 * leaf) + leaf.clamp(min=0) + torch.exp(leaf)
        (bent.amax(1).sum() + bent.logcumsumexp(1).sum()).backward()
        return leaf.grad

    return {
        "@": lambda: X @ W.T,
        "matmul": lambda: torch.matmul(X, W.T),
        "addmm": lambda: torch.addmm(BIAS, X, W.T),
        "einsum": lambda: torch.einsum("ni,oi->no", X, W),
        "convolution": lambda: F.conv1d(X[:, :, None], W[:, :, None]),
        "clamp": lambda: X.clamp(min=0),
        "maximum": lambda: torch.maximum(X, zeros),
        "where": lambda: torch.where(X > 0, X, 0.1 * X),
        "threshold": lambda: F.threshold(X, 0, 0),
        "hardtanh": lambda: F.hardtanh(X),
        "relu6": lambda: F.relu6(X),
        "exp": lambda: X.exp().log1p(),
        "expm1": lambda: X.expm1(),
        "softplus": lambda: F.softplus(X),
        "logsigmoid": lambda: F.logsigmoid(X),
        "silu": lambda: F.silu(X),
        "logaddexp": lambda: torch.logaddexp(X, zeros),
        "logcumsumexp": lambda: torch.logcumsumexp(X, 1),
        "sinh and cosh": lambda: X.sinh() / X.cosh(),
        "atanh": lambda: torch.atanh(X / 4),
        "uniform": lambda: torch.empty_like(X).uniform_(0.5, 0.5),
        "vmap": lambda: torch.vmap(torch.exp)(X),
        "learning": learnt,
    }


def of_one_another() -> Ways:
    """What one of the functions may be made of though another one of them is it."""
    return {
        "sigmoid": lambda: torch.sigmoid(X),
        "tanh": lambda: torch.tanh(X),
        "relu": lambda: F.relu(X),
        "leaky_relu": lambda: F.leaky_relu(X),
        "prelu": lambda: F.prelu(X, SLOPE),
        "softmax": lambda: X.softmax(1),
        "linear": lambda: F.linear(X, W),
        "layers": lambda: nn.Sequential(nn.Linear(3, 3), nn.ReLU())(X).shape.numel(),
    }


def report() -> dict[str, Any]:
    torch.set_num_threads(1)  # a fork of a process with more hangs at its next parallel loop
    look_up(sorted({thing for things in OWN.values() for thing in things}))
    free = {way: outcome_of(call) for way, call in {**materials(), **of_one_another()}.items()}
    found = {
        function: {
            "before": outcomes(tries),
            **in_a_child(functools.partial(tell, function, tries)),
        }
        for function, tries in ways().items()
    }
    return {"functions": found, "free": free}


def tell(function: str, tries: Ways, told: Told) -> dict[str, Any]:
    undo = refuse(OWN[function], told.append)
    found = {
        "refused": tried(told, tries),
        "materials": tried(told, materials()),
        "others": tried(told, of_one_another()),
    }
    allow(undo)
    return {**found, "after": outcomes(tries)}


def outcomes(tries: dict[str, Callable[[], Any]]) -> dict[str, str]:
    found = {}
    for way, call in tries.items():
        torch.manual_seed(0)
        found[way] = outcome_of(call)
    return found


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


EVERY_WAY = [(function, way) for function, tries in ways().items() for way in tries]
SCRIPTED = ("traced before", "a layer scripted before")


def test_every_function_that_forbids_something_is_tried():
    assert {function for function, _ in EVERY_WAY} == set(OWN) <= set(RULES)


@pytest.mark.parametrize(("function", "way"), EVERY_WAY)
def test_every_way_to_a_layer_is_refused_and_named(found, function, way):
    outcome, names = found["functions"][function]["refused"][way]
    assert names, "it was not noticed"
    if way in SCRIPTED:  # the interpreter wraps what a kernel raises
        assert outcome.startswith(("refused", "RuntimeError", "Error"))
    else:
        assert outcome == "refused"


@pytest.mark.parametrize("function", OWN)
def test_all_ways_lead_somewhere_before_and_after(found, function):
    results = found["functions"][function]
    for way, outcome in results["before"].items():
        assert outcome.startswith(("[", "a value")), way
    assert results["after"] == results["before"]


@pytest.mark.parametrize("function", OWN)
def test_what_layers_are_made_of_is_allowed(found, function):
    for way, (outcome, names) in found["functions"][function]["materials"].items():
        assert (outcome, names) == (found["free"][way], []), way


@pytest.mark.parametrize("function", OWN)
def test_only_the_function_that_is_written_is_refused(found, function):
    others = found["functions"][function]["others"]
    refused = {way for way, (outcome, _) in others.items() if outcome == "refused"}
    expected = {function if function != "log_softmax" else "softmax"} & others.keys()
    assert refused == expected | ({"layers"} if function in ("linear", "relu") else set())


if __name__ == "__main__":
    print(json.dumps(report()))
