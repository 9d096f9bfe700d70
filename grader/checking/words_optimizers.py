"""The words of the probes of optimizers: parameters, and a step for each row of gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from grader.checking.question import Question
from grader.checking.words_values import Part, arguments, call_text, list_text, python_text

_OF_THE_PROBE = ("zero_between", "as_generator")

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
Row = Sequence[torch.Tensor | None]


def optimize(function: str, args: Args, kwargs: Kwargs) -> str:
    parameters, gradients = args
    settings = {key: value for key, value in kwargs.items() if key not in _OF_THE_PROBE}
    given = _given(parameters, bool(kwargs.get("as_generator")))
    made = call_text(function, [given, *arguments((), settings)], "optimizer = ")
    lines = [*_parameters(parameters), made]
    if gradients:
        lines += _loop(len(parameters), gradients, "optimizer.step()")
    if gradients and kwargs.get("zero_between"):
        lines += [f"    {line}" for line in _zeroed(len(parameters), gradients)]
    return "\n".join(lines)


def clear(function: str, args: Args, kwargs: Kwargs) -> str:
    parameters, gradients, zero_grad = args
    names = _names(len(parameters))
    grads = ", ".join(f"{name}.grad" for name in names)
    made = call_text(function, [_given(parameters), *arguments((), kwargs)], "optimizer = ")
    return "\n".join(
        [
            *_parameters(parameters),
            made,
            f"{grads} = {', '.join(map(python_text, gradients))}",
            call_text("optimizer.zero_grad", arguments((), zero_grad)),
            f"{grads}, {', '.join(f'{name}.data' for name in names)}",
        ]
    )


def choose(function: str, args: Args, kwargs: Kwargs) -> str:
    name, parameters, gradients, rate = args
    given = [python_text(name), _given(parameters), python_text(rate)]
    lines = [*_parameters(parameters), call_text(function, given, "optimizer = "), "optimizer"]
    if gradients:
        rows = [[_sparse(name, found) for found in row] for row in gradients]
        step = "optimizer.step(lambda: 0.0)  # as LBFGS asks for"
        lines += _loop_over(len(parameters), rows, step)
    return "\n".join(lines)


def place_in_steps(question: Question, part: Part) -> str | None:
    """`after step 2, w[0]`, as it is called in the text."""
    match part:
        case ("value", int(step), int(which)):
            return f"after step {step + 1}, {_names(len(question.args[0]))[which]}"
    return None


def place_when_cleared(question: Question, part: Part) -> str | None:
    match part:
        case ("value", kind, int(which)):
            name = _names(len(question.args[0]))[which]
            return f"{name}.grad" if kind == "gradients" else name
    return None


def place_when_chosen(question: Question, part: Part) -> str | None:
    match part:
        case ("value", "class"):
            return "the class of the optimizer"
        case ("value", "settings"):
            return "the settings of the optimizer"
        case ("value", "settings", name, *_):
            return f"the setting {name}"
        case ("value", "parameters", int(step), int(which)):
            return f"after step {step + 1}, {_names(len(question.args[1]))[which]}"
    return None


def fewer_steps(question: Question, part: Part) -> Question:
    """No step after the one that differs."""
    match part:
        case ("value", int(step), *_):
            parameters, gradients = question.args
            return replace(question, args=(parameters, list(gradients)[: step + 1]))
    return question


def fewer_steps_when_chosen(question: Question, part: Part) -> Question:
    """No step where the optimizer itself differs, else none after the one that does."""
    name, parameters, gradients, rate = question.args
    match part:
        case ("value", "parameters", int(step), *_):
            gradients = list(gradients)[: step + 1]
        case ("value", *_):
            gradients = []
    return replace(question, args=(name, parameters, gradients, rate))


def _names(count: int) -> list[str]:
    return ["w"] if count == 1 else [f"w[{place}]" for place in range(count)]


def _parameters(parameters: Sequence[torch.Tensor]) -> list[str]:
    """The lines that make them; none where there are none."""
    made = [f"nn.Parameter({python_text(start)})" for start in parameters]
    if len(made) == 1:
        return [f"w = {made[0]}"]
    return [list_text(made, "w = ")] if made else []


def _given(parameters: Sequence[torch.Tensor], as_generator: bool = False) -> str:
    """The parameters as the optimizer gets them."""
    given = "[]" if not parameters else "[w]" if len(parameters) == 1 else "w"
    return f"(p for p in {given})" if as_generator else given


def _loop(count: int, gradients: Sequence[Row], step: str) -> list[str]:
    return _loop_over(count, [[python_text(found) for found in row] for row in gradients], step)


def _loop_over(count: int, rows: Sequence[Sequence[str]], step: str) -> list[str]:
    """The lines of a loop that sets a row of gradients, steps, and shows the parameters."""
    names = _names(count)
    if count == 1:
        items, row = [first for (first,) in rows], "gradient"
    else:
        items, row = [f"[{', '.join(texts)}]" for texts in rows], "gradients"
    return [
        list_text(items, f"for {row} in ", ":"),
        f"    {', '.join(f'{name}.grad' for name in names)} = {row}",
        f"    {step}",
        f"    print({', '.join(f'{name}.data' for name in names)})",
    ]


def _zeroed(count: int, gradients: Sequence[Row]) -> list[str]:
    """The lines that zero each gradient's own memory after a step."""
    if all(found is not None for row in gradients for found in row):
        return [f"{name}.grad.zero_()" for name in _names(count)]
    given = "[w]" if count == 1 else "w"
    return [f"for p in {given}:", "    if p.grad is not None:", "        p.grad.zero_()"]


def _sparse(name: str, found: torch.Tensor | None) -> str:
    text = python_text(found)
    return f"{text}.to_sparse()" if name == "SparseAdam" and found is not None else text
