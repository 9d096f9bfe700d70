"""The words of the probes of functions: a call, and the gradient of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.checking.question import Question
from grader.checking.words_values import Part, arguments, call_text, python_text, tensor_python

_POSITIONS = ("first", "second", "third", "fourth", "fifth", "sixth")
_SCALAR = "result.backward()"
# The weights 1, 2, 3, … of the result's elements: a gradient cannot be right by symmetry.
_WEIGHED = "result.backward(torch.arange(1.0, 1 + result.numel()).reshape(result.shape))"

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def call(function: str, args: Args, kwargs: Kwargs) -> str:
    return call_text(function, arguments(args, kwargs))


def gradient(function: str, args: Args, kwargs: Kwargs) -> str:
    return _gradient(function, args, kwargs, _WEIGHED, "{}.grad")


def gradient_of_scalar(function: str, args: Args, kwargs: Kwargs) -> str:
    return _gradient(function, args, kwargs, _SCALAR, "{}.grad")


def finite_gradient(function: str, args: Args, kwargs: Kwargs) -> str:
    return _gradient(function, args, kwargs, _WEIGHED, "{}.grad.isfinite().all()")


def finite_gradient_of_scalar(function: str, args: Args, kwargs: Kwargs) -> str:
    return _gradient(function, args, kwargs, _SCALAR, "{}.grad.isfinite().all()")


def place(question: Question, part: Part) -> str | None:
    """`input.grad`, as it is called in the text."""
    match part:
        case ("gradients", int(which)):
            return f"{_names(question.kwargs)[which]}.grad"
    return None


def shortened(question: Question, part: Part) -> Question:
    """Where the value differs, no word of the gradient."""
    if part[:1] != ("value",):
        return question
    named = {key: value for key, value in question.kwargs.items() if key != "wrt"}
    return replace(question, probe="call", kwargs=named)


def _gradient(function: str, args: Args, kwargs: Kwargs, backward: str, shown: str) -> str:
    wrt = kwargs.get("wrt", (0,))
    names = dict(zip(wrt, _names(kwargs), strict=True))
    named = {key: value for key, value in kwargs.items() if key != "wrt"}
    leaves = [args[key] if isinstance(key, int) else named[key] for key in names]
    given = [names.get(place) or python_text(value) for place, value in enumerate(args)]
    given += [f"{key}={names.get(key) or python_text(value)}" for key, value in named.items()]
    return "\n".join(
        [
            *(
                f"{name} = {tensor_python(leaf, requires_grad=True)}"
                for name, leaf in zip(names.values(), leaves, strict=True)
            ),
            call_text(function, given, "result = "),
            backward,
            ", ".join(["result", *(shown.format(name) for name in names.values())]),
        ]
    )


def _names(kwargs: Kwargs) -> list[str]:
    """What the inputs are called by which a result is differentiated."""
    wrt: Sequence[int | str] = kwargs.get("wrt", (0,))
    if list(wrt) == [0]:
        return ["input"]
    return [key if isinstance(key, str) else _POSITIONS[key] for key in wrt]
