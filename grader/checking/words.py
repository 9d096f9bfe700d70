"""Writes what was done with a student's function as Python that can be pasted into a shell.

The shell is in the folder `exercises` and has torch, nn, `torch.nn.functional` as F, DataLoader,
TensorDataset and the exercise's own functions. The words of each probe stand in a module
`words_*.py`, which writes values with `words_values.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from grader.checking import (
    words_derivatives,
    words_events,
    words_files,
    words_fitting,
    words_functions,
    words_layers,
    words_modules,
    words_optimizers,
    words_training,
)
from grader.checking.question import Question
from grader.checking.words_values import (
    Part,
    arguments,
    call_text,
    cut,
    part_text,
    python_text,
    tensor_text,
    value_text,
    with_article,
)

__all__ = [
    "arguments",
    "call_text",
    "cut",
    "part_text",
    "place_text",
    "python_text",
    "question_text",
    "shortened",
    "tensor_text",
    "value_text",
    "with_article",
]


def question_text(
    question: Question, expected: Mapping[str, Any] | None = None, device: str = "cpu"
) -> str:
    """What was done with the student's function, as Python that runs.

    `expected` is what the reference observed: a scalar that is differentiated needs fewer words.
    """
    asked = question.function, question.args, question.kwargs
    writer = _WRITERS.get(question.probe)
    if writer is None:
        text = _generic(question.probe, *asked)
    elif question.probe in _GRADIENTS and _is_scalar(expected):
        text = _GRADIENTS[question.probe](*asked)
    else:
        text = writer(*asked)
    return text if device == "cpu" else f"# with every tensor on {device}\n{text}"


def place_text(question: Question, part: Part) -> str:
    """A part of what was observed, in words; "" for the value that a call returned."""
    placer = _PLACERS.get(question.probe)
    text = placer(question, part) if placer is not None else None
    return part_text(part) if text is None else text


def shortened(question: Question, part: Part) -> Question:
    """The question as far as it is needed to see this part of what was observed."""
    shortener = _SHORTENERS.get(question.probe)
    return question if shortener is None else shortener(question, part)


def _is_scalar(expected: Mapping[str, Any] | None) -> bool:
    value = expected.get("value") if expected is not None else None
    return isinstance(value, torch.Tensor) and value.dim() == 0


def _generic(probe: str, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """A probe that has no words of its own: how the grader itself runs it."""
    given = [function, '"cpu"', *arguments(args, kwargs)]
    return "\n".join(["from grader.probes import PROBES", call_text(f"PROBES[{probe!r}]", given)])


Writer = Callable[[str, tuple[Any, ...], Mapping[str, Any]], str]

_WRITERS: dict[str, Writer] = {
    "call": words_functions.call,
    "gradient": words_functions.gradient,
    "finite_gradient": words_functions.finite_gradient,
    "forward": words_modules.forward,
    "describe": words_modules.describe,
    "size": words_modules.size,
    "count": words_modules.count,
    "optimize": words_optimizers.optimize,
    "clear": words_optimizers.clear,
    "choose": words_optimizers.choose,
    "random_slopes": words_layers.random_slopes,
    "collapsed": words_layers.collapsed,
    "two_layers": words_layers.two_layers,
    "activation": words_layers.activation,
    "differentiate": words_derivatives.differentiate,
    "lifecycle": words_derivatives.lifecycle,
    "run_gradient_step": words_fitting.gradient_step,
    "grads_after_step": words_fitting.grads_after_step,
    "run_fit": words_fitting.fit,
    "descent": words_fitting.descent,
    "run_linear_model": words_fitting.linear_model,
    "run_fit_module": words_fitting.fit_module,
    "module_descent": words_fitting.module_descent,
    "run_train_step": words_training.train_step,
    "step_losses": words_training.step_losses,
    "run_train": words_training.train,
    "epoch_losses": words_training.epoch_losses,
    "run_evaluate": words_training.evaluate,
    "run_lbfgs": words_training.lbfgs,
    "lbfgs_losses": words_training.lbfgs_losses,
    "learn": words_training.learn,
    "learns": words_training.learn,
    "call_with_path": words_files.call_with_path,
    "call_each": words_files.call_each,
    "list_images": words_files.list_images,
    "read_dataset": words_files.read_dataset,
    "share": words_files.share,
    "keep_read_only": words_files.keep_read_only,
    "load_batches": words_files.load_batches,
    "summarize_batches": words_files.summarize_batches,
    "shuffle_images": words_files.shuffle_images,
    "load_missing": words_files.load_missing,
    "write_graph": words_events.write_graph,
    "write_scalars": words_events.write_scalars,
    "draw_losses": words_events.draw_losses,
}
# Where the result is a scalar: `result.backward()` alone.
_GRADIENTS: dict[str, Writer] = {
    "gradient": words_functions.gradient_of_scalar,
    "finite_gradient": words_functions.finite_gradient_of_scalar,
}
# What a part of an observation is called; None where Python's own way will do.
_PLACERS: dict[str, Callable[[Question, Part], str | None]] = {
    "gradient": words_functions.place,
    "finite_gradient": words_functions.place,
    "forward": words_modules.place_in_forward,
    "describe": words_modules.place_in_description,
    "collapsed": words_layers.place_when_collapsed,
    "two_layers": words_layers.place_in_two_layers,
    "activation": words_layers.place_in_activation,
    "optimize": words_optimizers.place_in_steps,
    "clear": words_optimizers.place_when_cleared,
    "choose": words_optimizers.place_when_chosen,
    "run_gradient_step": words_fitting.place_after_step,
    "grads_after_step": words_fitting.place_after_step,
    "run_fit": words_fitting.place_in_fit,
    "descent": words_fitting.place_in_fit,
    "run_linear_model": words_fitting.place_in_linear_model,
    "run_fit_module": words_fitting.place_in_fit,
    "module_descent": words_fitting.place_in_fit,
    "run_train_step": words_training.place_in_steps,
    "step_losses": words_training.place_in_steps,
    "run_train": words_training.place_in_epochs,
    "epoch_losses": words_training.place_in_epochs,
    "run_evaluate": words_training.place_in_evaluation,
    "run_lbfgs": words_training.place_in_steps,
    "lbfgs_losses": words_training.place_in_steps,
    "learn": words_training.place_in_epochs,
    "learns": words_training.place_in_epochs,
    "call_each": words_files.place_of_each,
    "read_dataset": words_files.place_in_dataset,
    "load_batches": words_files.place_in_batches,
    "summarize_batches": words_files.place_in_summary,
    "write_graph": words_events.place_in_graph,
    "write_scalars": words_events.place_in_scalars,
    "draw_losses": words_events.place_on_figure,
}
# What comes after the part that differs is left out of a question.
_SHORTENERS: dict[str, Callable[[Question, Part], Question]] = {
    "gradient": words_functions.shortened,
    "finite_gradient": words_functions.shortened,
    "forward": words_modules.shortened,
    "describe": words_modules.described,
    "two_layers": words_layers.what_differs_in_two_layers,
    "activation": words_layers.what_differs_in_activation,
    "optimize": words_optimizers.fewer_steps,
    "choose": words_optimizers.fewer_steps_when_chosen,
    "run_fit": words_fitting.fewer_epochs,
    "run_fit_module": words_fitting.fewer_epochs,
    "run_train_step": words_training.fewer_steps,
    "step_losses": words_training.fewer_steps,
    "run_train": words_training.fewer_epochs,
    "epoch_losses": words_training.fewer_epochs,
    "run_lbfgs": words_training.fewer_steps,
    "lbfgs_losses": words_training.fewer_steps,
    "learn": words_training.fewer_epochs,
    "call_each": words_files.one_path,
    "read_dataset": words_files.one_picture,
}
