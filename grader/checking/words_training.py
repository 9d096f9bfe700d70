"""The words of the probes of training loops: the plain lines that such a loop is tried with."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import torch

from grader.checking.question import Question
from grader.checking.words_values import Part, arguments, call_text, python_text
from grader.probes import Probe, training

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]

_STALE = "sum(p.sum() for p in model.parameters()).mul(0.5).backward()  # grads left from before"
_STATE = "model.state_dict()"
_LOSSES = {
    "lopsided": "loss_fn = lambda output, target: (output - 2 * target).square().mean()",
    "mse": "loss_fn = F.mse_loss",
    "cross_entropy": "loss_fn = F.cross_entropy",
}
_WHERE = [
    "devices = []  # the meta device computes nothing: only where the tensors are is looked at",
    "loss_fn = lambda output, target: (",
    "    devices.extend([output.device, target.device]) or torch.ones((), requires_grad=True)",
    ")",
]


# what was done


def train_step(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join([*_steps(function, args, kwargs), _STATE])


def step_losses(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join(_steps(function, args, kwargs))


def train(function: str, args: Args, kwargs: Kwargs) -> str:
    shown = "devices" if kwargs.get("on") == "meta" else _STATE
    return "\n".join([*_epochs(function, args, kwargs), shown])


def epoch_losses(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join(_epochs(function, args, {**kwargs, "shuffle": False}))


def evaluate(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(training.run_evaluate, args, kwargs)
    size = run.batch_size
    options = {"batch_size": size} | ({"drop_last": True} if run.drop_last else {})
    called = f"{function}(model, loader, loss_fn)"
    if run.on == "meta":
        given = [f"{name}={name}" for name in ("model", "loader", "loss_fn")]
        called = call_text(function, [*given, "device='meta'"])
        called = f"with contextlib.suppress(RuntimeError):\n    {called}"
    elif not run.grad_enabled:
        called = f"with torch.no_grad():\n    {called}"
    return "\n".join(
        [
            *(["import contextlib"] if run.on == "meta" else []),
            *_model(run),
            *_mixed(run.training),
            _STALE,
            *(_WHERE if run.on == "meta" else [_LOSSES[run.loss]]),
            *_data(run),
            _loader(options, run.listed),
            called,
            *(["", "devices"] if run.on == "meta" else []),
        ]
    )


def lbfgs(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join([*_lbfgs(function, args, kwargs), _STATE])


def lbfgs_losses(function: str, args: Args, kwargs: Kwargs) -> str:
    return "\n".join(_lbfgs(function, args, kwargs))


def learn(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(training.learn, args, kwargs)
    picture = SimpleNamespace(model="pictures", inputs=run.images.double(), outputs=10)
    picture.seed = run.seed
    return "\n".join(
        [
            "from grader.dataset import load_images  # with --data DIR: DIR instead of None",
            f"images, labels = load_images(None, train=True, limit={len(run.images)})",
            f"test, wanted = load_images(None, train=False, limit={len(run.test_images)})",
            *_model(picture),
            _optimizer({"name": "SGD", "lr": run.lr}),
            "inputs, targets = images.double() / 255, labels",
            _loader({"batch_size": run.batch_size, "shuffle": True}),
            f"{function}(model, loader, F.cross_entropy, optimizer, {run.epochs})",
            "(model(test.double() / 255).argmax(dim=1) == wanted).double().mean().item()",
        ]
    )


# what a part of it is called


def place_in_steps(question: Question, part: Part) -> str | None:
    return _place(part, "step")


def place_in_epochs(question: Question, part: Part) -> str | None:
    return _place(part, "epoch")


def place_in_evaluation(question: Question, part: Part) -> str | None:
    match part:
        case ("value", int(which)) if question.function == "evaluate":
            return ("the mean loss", "the accuracy")[which]
        case ("value", int(which)):
            return f"the loss of batch {which + 1}"
    return None


def _place(part: Part, one: str) -> str | None:
    """`the loss of epoch 1`, `parameter 0.weight at the end`."""
    match part:
        case ("value", int(which)) | ("value", "losses", int(which)):
            return f"the loss of {one} {which + 1}"
        case ("value", "losses"):
            return "the losses"
        case ("the next random number",):
            return "torch.rand(()).item() afterwards"
        case ("value", "parameters" | "state"):
            return "the model at the end"
        case ("value", "parameters" | "state", str(name), *_):
            return f"{_kind(name)} {name} at the end"
    return None


def _kind(name: str) -> str:
    return "parameter" if name.endswith(("weight", "bias")) else "buffer"


# what comes after it is left out


def fewer_steps(question: Question, part: Part) -> Question:
    return _fewer(question, part, "steps")


def fewer_epochs(question: Question, part: Part) -> Question:
    return _fewer(question, part, "epochs")


def _fewer(question: Question, part: Part, option: str) -> Question:
    match part:
        case ("value", int(last)) | ("value", "losses", int(last)):
            return replace(question, kwargs={**question.kwargs, option: last + 1})
    return question


# the lines


def _run(probe: Probe, args: Args, kwargs: Kwargs) -> SimpleNamespace:
    """The arguments of a probe by their names, those that it has of its own included."""
    bound = inspect.signature(probe).bind(None, "cpu", *args, **kwargs)
    bound.apply_defaults()
    return SimpleNamespace(**bound.arguments)


def _steps(function: str, args: Args, kwargs: Kwargs) -> list[str]:
    run = _run(training.run_train_step, args, kwargs)
    called = f"{function}(model, inputs, targets, loss_fn, optimizer)"
    return [
        *_model(run),
        *([] if run.training or run.mixed else ["model.eval()"]),
        *(_mixed(run.training) if run.mixed else []),
        _optimizer(run.optimizer),
        _STALE,
        _LOSSES[run.loss],
        *_data(run),
        _repeated(called, run.steps),
    ]


def _epochs(function: str, args: Args, kwargs: Kwargs) -> list[str]:
    run = _run(training.run_train, args, kwargs)
    options = {"batch_size": run.batch_size} | ({"shuffle": True} if run.shuffle else {})
    given = ["model", "loader", "loss_fn", "optimizer", str(run.epochs)]
    if run.on:
        given = [f"{name}={name}" for name in given[:-1]]
        given += [f"epochs={run.epochs}", f"device={run.on!r}"]
    return [
        *_model(run),
        "model.eval()",
        _optimizer(run.optimizer),
        _STALE,
        *(_WHERE if run.on == "meta" else [_LOSSES[run.loss]]),
        *_data(run),
        _loader({"batch_size": run.batch_size} if run.listed else options, run.listed),
        call_text(function, given),
    ]


def _lbfgs(function: str, args: Args, kwargs: Kwargs) -> list[str]:
    run = _run(training.run_lbfgs, args, kwargs)
    called = f"{function}(model, inputs, targets, loss_fn, optimizer)"
    return [
        *_model(run),
        _optimizer({"name": "LBFGS", **run.settings}),
        _STALE,
        _LOSSES[run.loss],
        *_data(run),
        _repeated(called, run.steps),
    ]


def _model(run: SimpleNamespace) -> list[str]:
    """The seed, and the model as the probe builds it."""
    first = f"nn.Linear({run.inputs.shape[1]}, 6)"
    last = f"nn.Linear(6, {run.outputs})"
    layers = {
        "perceptron": [first, "nn.Tanh()", last],
        "moody": [f"nn.Sequential({first}, nn.BatchNorm1d(6), Noise())", "nn.Tanh()", last],
        "grid": [
            f"nn.Linear({run.inputs.shape[1]}, 3)",
            "nn.Flatten()",
            f"nn.Linear({3 * run.inputs.shape[1]}, {run.outputs})",
        ],
        "pictures": ["nn.AvgPool2d(4)", "nn.Flatten()", f"nn.Linear(192, {run.outputs})"],
    }[run.model]
    imported = "from grader.probes.training import Noise  # dropout"
    double = ".double()" if run.inputs.dtype is torch.float64 else ""
    made = call_text("nn.Sequential", layers, "model = ")
    noisy = [imported] if run.model == "moody" else []
    return [*noisy, f"torch.manual_seed({run.seed})", made + double]


def _optimizer(settings: Mapping[str, Any]) -> str:
    options = {key: value for key, value in settings.items() if key != "name"}
    given = ["model.parameters()", *arguments((), options)]
    if settings["name"] == "ClosurelessSGD":
        imported = (
            "from grader.probes.training import ClosurelessSGD  # step(), zero_grad(), no more"
        )
        return "\n".join([imported, call_text("ClosurelessSGD", given, "optimizer = ")])
    return call_text(f"torch.optim.{settings['name']}", given, "optimizer = ")


def _data(run: SimpleNamespace) -> list[str]:
    return [f"inputs = {python_text(run.inputs)}", f"targets = {python_text(run.targets)}"]


def _mixed(training: bool) -> list[str]:
    return [
        "for number, module in enumerate(model.modules()):",
        f"    module.training = number % 2 == {0 if training else 1}",
        "",
    ]


def _loader(options: Mapping[str, Any], listed: bool = False) -> str:
    if listed:
        size = options["batch_size"]
        return f"loader = list(zip(inputs.split({size}), targets.split({size})))"
    given = ["TensorDataset(inputs, targets)", *arguments((), options)]
    return call_text("DataLoader", given, "loader = ")


def _repeated(called: str, times: int) -> str:
    return called if times == 1 else f"[{called} for _ in range({times})]"
