"""What a student's functions are asked for the pictures; each answer is plain data.

Only the process that draws (`worker.py`) imports this: it imports torch, and it runs what the
student wrote. Everything is seeded: the same code gives the same picture.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.func import functional_call, grad

from grader.dataset import load_images
from grader.probes.observe import prepare
from grader.probes.training import learn
from grader.student.report import surface

EPOCHS = 12
_IMAGES, _TEST_IMAGES = 320, 160  # of the loss curve; a linear model learns on them in a second
_SEED = 11

# How CifarNet learns its kernels: at this pace nine images in ten are right after five seconds. The
# decay takes away the noise that kernels begin with, where no image asks for it.
_KERNEL_STEPS, _BATCH, _RATE, _MOMENTUM, _DECAY = 150, 32, 0.02, 0.9, 0.05
_KERNELS = (32, 3, 5, 5)


class Unfit(Exception):
    """What came is not what a picture can be made of; says what is wrong with it."""


@functools.cache
def images() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """The generated images with their labels, to train on and to test on; DatasetError passes."""
    return (*load_images(None, train=True), *load_images(None, train=False))


def losses(train: Callable[..., Any]) -> dict[str, Any]:
    """The losses of a training loop, epoch by epoch, and how many of the test images are right."""
    prepare()
    seen, labels, unseen, wanted = images()
    given = seen[:_IMAGES], labels[:_IMAGES], unseen[:_TEST_IMAGES], wanted[:_TEST_IMAGES]
    found = learn(train, "cpu", *given, epochs=EPOCHS, seed=_SEED)["value"]
    got = found["losses"]
    if not isinstance(got, list) or not all(isinstance(one, float | int) for one in got):
        raise Unfit(f"is to return a list of {EPOCHS} floats, one an epoch")
    if len(got) != EPOCHS:
        raise Unfit(f"returned {len(got)} losses for {EPOCHS} epochs")
    return {"losses": [float(one) for one in got], "right": found["test accuracy"]}


def kernels(network: Callable[[], Any]) -> dict[str, Any]:
    """The kernels of the first layer before and after it has learnt, and how many images are
    right.

    The network is trained as a function of its parameters, so that nothing is asked of a student's
    own loop: who has CifarNet and no `train` yet sees what it learns.
    """
    prepare()
    made = network()
    if not isinstance(made, nn.Module):
        raise Unfit("is to be an nn.Module")
    first = getattr(made, "conv1", None)
    if not isinstance(first, nn.Conv2d) or tuple(first.weight.shape) != _KERNELS:
        raise Unfit("has no `conv1` with 32 kernels of 3 channels and 5×5 pixels")
    before = {name: parameter.detach() for name, parameter in made.named_parameters()}
    after = _trained(made, before)
    kept = [each["conv1.weight"].double() for each in (before, after)]
    return {
        "before": [[round(one, 5) for one in kernel.flatten().tolist()] for kernel in kept[0]],
        "after": [[round(one, 5) for one in kernel.flatten().tolist()] for kernel in kept[1]],
        "right": [_right(made, before), _right(made, after)],
        "steps": _KERNEL_STEPS,
    }


def _trained(made: nn.Module, parameters: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    seen, labels, _, _ = images()
    inputs = _scaled(seen)
    drawn = torch.Generator().manual_seed(_SEED)

    def wrong(parameters: dict[str, torch.Tensor], batch: torch.Tensor) -> torch.Tensor:
        logits = functional_call(made, parameters, inputs[batch])
        return nn.functional.cross_entropy(logits, labels[batch])

    slopes = grad(wrong)
    speeds = {name: torch.zeros_like(value) for name, value in parameters.items()}
    for _ in range(_KERNEL_STEPS):
        downhill = slopes(parameters, torch.randint(len(inputs), (_BATCH,), generator=drawn))
        for name, value in parameters.items():
            speeds[name] = _MOMENTUM * speeds[name] + downhill[name] + _DECAY * value
        parameters = {name: value - _RATE * speeds[name] for name, value in parameters.items()}
    return parameters


def _right(made: nn.Module, parameters: dict[str, torch.Tensor]) -> float:
    """The share of the test images that a network with these parameters names rightly."""
    _, _, unseen, wanted = images()
    with torch.no_grad():
        named = functional_call(made, parameters, _scaled(unseen)).argmax(dim=1)
    return float((named == wanted).double().mean())


def _scaled(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.float() / 127.5 - 1


def descent(optimizer: Callable[..., Any], settings: dict[str, float]) -> list[list[float]]:
    """Where an optimizer comes to on the loss surface: the start, and the point after each step."""
    prepare()
    point = nn.Parameter(torch.tensor(surface.START, dtype=torch.float64))
    made = optimizer([point], **settings)
    way = [point.tolist()]
    for _ in range(surface.STEPS):
        w, b = point.tolist()
        point.grad = torch.tensor(surface.slope((w, b)), dtype=torch.float64)
        made.step()
        way.append(point.tolist())
    return way


def torchs_descent(optimizer: str, settings: dict[str, float]) -> list[list[float]]:
    """The same with the optimizer of torch that has this name.

    The first one loads much of torch, which takes a second or two.
    """
    return descent(getattr(torch.optim, optimizer), settings)
