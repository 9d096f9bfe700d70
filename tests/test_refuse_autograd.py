"""Where `autograd` is forbidden torch differentiates nothing, whoever asks and however.

Refusals change torch, so this file, run as a script, tries everything in a process of its own and
writes what happened as JSON; the tests read that.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from test_refuse import Told, Ways, in_a_child, outcome_of, tried, where_refused
from torch import nn
from torch.autograd import forward_ad
from torch.autograd import grad as imported_grad
from torch.func import grad as imported_func_grad

from grader.sandbox.refuse import allow, look_up, refuse

ROOT = Path(__file__).parent.parent
X = torch.tensor([1.0, -2.0, 3.0])
gradcheck = sys.modules["torch.autograd.gradcheck"]


def cubes(x: torch.Tensor) -> torch.Tensor:
    return (x**3).sum()


class Cubes(torch.autograd.Function):
    """A function with a backward pass of its own."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return (x**3).sum()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return 3 * ctx.saved_tensors[0] ** 2 * gradient


def differentiated(leaf: torch.Tensor) -> Any:
    cubes(leaf).backward()
    return leaf.grad


def with_requires_grad() -> torch.Tensor:
    leaf = X.clone()
    leaf.requires_grad = True
    return leaf


def in_forward_mode() -> Any:
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(cubes(forward_ad.make_dual(X, torch.ones(3)))).tangent


def in_forward_mode_without_its_functions() -> Any:
    level = torch._C._enter_dual_level()
    try:
        dual = torch._make_dual(X, torch.ones(3), level=level)
        return torch._unpack_dual(cubes(dual), level=level)[1].reshape(1)
    finally:
        torch._C._exit_dual_level(level=level)


def ways_to_a_gradient() -> Ways:
    """Ways to the gradient of a function, with all that can be prepared while nothing is refused.

    Whatever is left of them when a gradient cannot be had is refused, and named.
    """
    prepared, waiting = nn.Parameter(X.clone()), cubes(nn.Parameter(X.clone()))
    transformed, hessian = torch.func.grad(cubes), torch.func.hessian(cubes)
    _, pulled_back = torch.func.vjp(cubes, X)
    backward, other = torch.Tensor.backward, cubes(nn.Parameter(X.clone()))
    return {
        "backward": lambda: differentiated(nn.Parameter(X)),
        "backward from what was computed before": lambda: waiting.backward(),
        "an unbound backward taken before": lambda: backward(other),
        "torch.autograd.backward": lambda: torch.autograd.backward([cubes(prepared)]),
        "torch.autograd.grad": lambda: torch.autograd.grad(cubes(prepared), prepared),
        "imported before": lambda: imported_grad(cubes(prepared), prepared),
        "the function before the engine": lambda: torch.autograd.graph._engine_run_backward(
            (cubes(prepared),), (torch.ones(()),), False, False, (prepared,), False, False
        ),
        "jacobian": lambda: torch.autograd.functional.jacobian(cubes, X),
        "vjp of autograd": lambda: torch.autograd.functional.vjp(cubes, X),
        "gradcheck": lambda: torch.autograd.gradcheck(cubes, nn.Parameter(X.double())),
        "its numerical jacobian": lambda: gradcheck.get_numerical_jacobian(
            lambda inputs: cubes(*inputs), (prepared,)
        ),
        "torch.func.grad": lambda: torch.func.grad(cubes)(X),
        "torch.func.grad imported before": lambda: imported_func_grad(cubes)(X),
        "transformed before": lambda: transformed(X),
        "hessian transformed before": lambda: hessian(X),
        "jacrev": lambda: torch.func.jacrev(cubes)(X),
        "jacfwd": lambda: torch.func.jacfwd(cubes)(X),
        "vjp": lambda: torch.func.vjp(cubes, X),
        "pulled back from before": lambda: pulled_back(torch.ones(())),
        "jvp": lambda: torch.func.jvp(cubes, (X,), (X,)),
        "grad_and_value": lambda: torch.func.grad_and_value(cubes)(X),
        "linearize": lambda: torch.func.linearize(cubes, X),
        "grad under vmap": lambda: torch.vmap(torch.func.grad(cubes))(X.reshape(3, 1)),
        "forward mode": in_forward_mode,
        "requires_grad_": lambda: differentiated(X.clone().requires_grad_()),
        "requires_grad_ by its operator": lambda: torch.ops.aten.requires_grad_(X.clone()),
        "requires_grad_ of a module": lambda: nn.Linear(2, 2).requires_grad_(),
        "requires_grad": with_requires_grad,
        "setattr": lambda: setattr(X.clone(), "requires_grad", True),
        "torch.tensor": lambda: torch.tensor([1.0], requires_grad=True),
        "torch.zeros": lambda: torch.zeros(2, requires_grad=True),
        "new_ones": lambda: X.new_ones(2, requires_grad=True),
        "zeros_like": functools.partial(torch.zeros_like, X, requires_grad=True),
        "a function of one's own": lambda: Cubes.apply(X),
        "the backward operator": lambda: torch.ops.aten._backward(cubes(prepared), [prepared]),
        "torch's formula for relu": lambda: torch.ops.aten.threshold_backward(X, X, 0),
        "torch's formula for mse_loss": lambda: torch.ops.aten.mse_loss_backward(X, X, X, 1),
    }


@torch.jit.script
def scripted(x: torch.Tensor) -> torch.Tensor:
    found = torch.autograd.grad([(x * x * x).sum()], [x])[0]
    assert found is not None
    return found


def ways_without_a_name() -> Ways:
    """Ways that come to nothing because no graph is recorded."""
    parameter = nn.Parameter(X.clone())
    engine = torch.autograd.Variable._execution_engine
    arguments = (torch.ones(()),), False, False, (parameter,), False, False
    return {
        "scripted before": lambda: scripted(parameter),
        "forward mode without its functions": in_forward_mode_without_its_functions,
        "the engine itself": lambda: engine.run_backward((cubes(parameter),), *arguments)[0],
        "a graph all the same": lambda: torch.enable_grad()(cubes)(parameter).grad_fn.name(),
    }


def ways_past_all_modes() -> Ways:
    """Ways in a thread, where no mode of the first one holds, to a gradient that is recorded."""
    engine = torch.autograd.Variable._execution_engine

    def leaf_and_value() -> tuple[torch.Tensor, torch.Tensor]:
        leaf = X.clone().requires_grad_()
        return leaf, cubes(leaf)

    def by_the_engine() -> torch.Tensor:
        leaf, value = leaf_and_value()
        return engine.run_backward(
            (value,), (torch.ones(()),), False, False, (leaf,), False, False
        )[0]

    def by_scripted_code() -> torch.Tensor:
        return scripted(leaf_and_value()[0])

    def by_the_nodes() -> torch.Tensor:
        node = leaf_and_value()[1].grad_fn
        return node(torch.ones(()))

    def by_the_method_of_the_nodes() -> torch.Tensor:
        node = leaf_and_value()[1].grad_fn
        return type(node).__call__(node, torch.ones(()))

    def by_another_compiler() -> torch.Tensor:
        torch._C._dynamo.compiled_autograd.set_autograd_compiler(None, False)
        return by_the_engine()

    calls = (by_the_engine, by_scripted_code, by_the_nodes, by_another_compiler)
    return {
        call.__name__: functools.partial(in_a_thread, call)
        for call in (*calls, by_the_method_of_the_nodes)
    }


def in_a_thread(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def allowed() -> Ways:
    """What a derivation by hand may use, each as a value that can be compared."""
    points = torch.eye(3) / 8 + X

    def in_place() -> torch.Tensor:
        moved = X.clone()
        with torch.no_grad():
            moved[0] += 1
            moved.view(-1)[1] = 0
        return moved.detach()

    return {
        "in place": in_place,
        "no_grad as a decorator": lambda: torch.no_grad()(cubes)(X),
        "enable_grad": lambda: torch.enable_grad()(cubes)(X),
        "set_grad_enabled": lambda: torch.set_grad_enabled(True) and cubes(X),
        "vmap": lambda: torch.func.vmap(cubes)(points),
        "torch.vmap": lambda: torch.vmap(cubes)(points),
        "functional_call": lambda: torch.func.functional_call(
            nn.Linear(3, 1, bias=False), {"weight": X.reshape(1, 3)}, (X,)
        ),
        "a layer": lambda: nn.ReLU()(X),
        "a parameter": lambda: nn.Parameter(X) * 2,
        "not requiring": lambda: X.clone().requires_grad_(False) * X.new_ones(3),
        "softmax": lambda: X.softmax(0),
        "log_softmax": lambda: F.log_softmax(X, 0),
        "one_hot": lambda: F.one_hot(torch.tensor([0, 2]), 3),
        "linear": lambda: F.linear(X, torch.ones(1, 3)),
        "torch.gradient": lambda: torch.gradient(X)[0],
        "numpy": lambda: torch.from_numpy(X.numpy() * 2),
        "printed": lambda: torch.tensor([len(f"{X!r} {nn.Parameter(X)}")]),
        "scripted": lambda: scripted_double(X),
    }


@torch.jit.script
def scripted_double(x: torch.Tensor) -> torch.Tensor:
    return 2 * x


def report() -> dict[str, Any]:
    torch.set_num_threads(1)  # a fork of a process with more hangs at its next parallel loop
    look_up(["autograd", "mse_loss", "torch.optim"])
    ways, nameless, free = ways_to_a_gradient(), ways_without_a_name(), allowed()
    before = {way: outcome_of(call) for way, call in {**nameless, **free}.items()}

    def action(told: Told) -> dict[str, Any]:
        undo = refuse(["autograd"], told.append)
        found = {
            "refused": tried(told, ways),
            "came to": tried(told, nameless),
            "allowed": tried(told, free),
            "without modes": tried(told, ways_past_all_modes()),
        }
        allow(undo)
        state = [torch.is_inference_mode_enabled(), torch._C._len_torch_function_stack()]
        again = {**ways_to_a_gradient(), **nameless, **free, **ways_past_all_modes()}
        after = {way: outcome_of(call) for way, call in again.items()}
        return {**found, "after": after, "state": state}

    others = where_refused(
        ["mse_loss", "torch.optim"],
        lambda told: [outcome_of(lambda: differentiated(nn.Parameter(X)))],
    )
    return {**in_a_child(action), "before": before, "other rules": others}


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


WAYS, ALLOWED = ways_to_a_gradient(), allowed()


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_a_gradient_is_refused_and_named(found, way):
    outcome, names = found["refused"][way]
    assert outcome == "refused"
    assert len(names) == 1


def test_what_is_refused_has_the_name_that_a_student_knows(found):
    names = {way: names for way, (_, names) in found["refused"].items()}
    assert names["backward"] == ["torch.Tensor.backward"]
    assert names["imported before"] == ["torch.autograd.grad"]
    assert names["torch.func.grad imported before"] == ["torch.func.grad"]
    assert names["requires_grad_"] == ["torch.Tensor.requires_grad_"]
    assert names["requires_grad"] == names["setattr"] == ["torch.Tensor.requires_grad"]
    assert names["torch.zeros"] == names["new_ones"] == ["requires_grad=True"]
    assert names["torch's formula for relu"] == ["torch's autograd"]


def test_what_cannot_be_refused_by_name_finds_no_graph(found):
    for way in ways_without_a_name():
        outcome, _ = found["came to"][way]
        assert not found["before"][way].startswith(("RuntimeError", "AttributeError")), way
        assert outcome.startswith(("RuntimeError", "AttributeError")), way


@pytest.mark.parametrize("way", ways_past_all_modes())
def test_no_thread_finds_a_way_past_torchs_modes(found, way):
    outcome, _ = found["without modes"][way]
    assert outcome.startswith(("refused", "RuntimeError", "SystemError", "TypeError", "NotImpl")), (
        outcome
    )
    assert found["after"][way].startswith("["), found["after"][way]


@pytest.mark.parametrize("way", ALLOWED)
def test_what_differentiates_nothing_is_allowed(found, way):
    assert found["allowed"][way] == [found["before"][way], []]
    assert found["before"][way].startswith("[")


def test_once_allowed_again_everything_is_as_it_was(found):
    assert found["state"] == [False, 0]
    for way, outcome in found["before"].items():
        assert found["after"][way] == outcome
    for way in WAYS:
        assert found["after"][way].startswith(("[", "a value")), way


def test_other_rules_leave_gradients_alone(found):
    assert found["other rules"] == ["[3.0, 12.0, 27.0]"]


if __name__ == "__main__":
    print(json.dumps(report()))
