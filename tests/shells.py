"""A shell that texts are pasted into, and what it has to show of what was observed, by probe."""

from __future__ import annotations

import code
import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.probes.observe import plain, prepare

IN_A_SHELL = {
    "torch": torch,
    "nn": nn,
    "F": F,
    "DataLoader": DataLoader,
    "TensorDataset": TensorDataset,
}


class Shell(code.InteractiveConsole):
    """Python's own shell: what is pasted is read line by line, and each value is shown."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__({**IN_A_SHELL, **names})
        self.shown: list[Any] = []
        self.raised: BaseException | None = None

    def paste(self, text: str) -> None:
        """Paste a text and press return, as a loop asks for; stop at the first exception."""
        usual, sys.displayhook = sys.displayhook, self._show
        prepare()
        try:
            for line in [*text.split("\n"), ""]:
                incomplete = self.push(line)
                if self.raised is not None:
                    return
            assert not incomplete, "the shell waits for more"
        finally:
            sys.displayhook = usual
            prepare()

    def _show(self, value: Any) -> None:
        if value is not None:
            self.shown.append(plain(value))

    def showtraceback(self) -> None:
        self.raised = sys.exc_info()[1]

    def showsyntaxerror(self, filename: str | None = None, **_: Any) -> None:
        self.raised = sys.exc_info()[1]

    def held(self, *names: str) -> list[Any]:
        """What these names stand for now."""
        return [plain(self.locals[name]) for name in names]


Observed = Mapping[str, Any]
Seen = tuple[Any, Any]  # what was expected, and what the shell shows of it


def the_value(observed: Observed, shell: Shell) -> Seen:
    return observed["value"], shell.shown[-1] if shell.shown else None


def the_gradients(observed: Observed, shell: Shell) -> Seen:
    return [observed["value"], *observed["gradients"]], shell.shown[-1]


def finite_gradients(observed: Observed, shell: Shell) -> Seen:
    finite = [torch.tensor(found) for found in observed["the gradient is finite"]]
    return [observed["value"], *finite], shell.shown[-1]


def the_outputs(observed: Observed, shell: Shell) -> Seen:
    outputs, *gradients = shell.shown
    outputs = outputs if isinstance(outputs, list) else [outputs]
    expected = [observed[key] for key in ("value", "gradients") if key in observed]
    return expected, [outputs, *gradients]


def the_shapes(observed: Observed, shell: Shell) -> Seen:
    return observed["value"]["parameters"], shell.shown[1]


def the_sizes(observed: Observed, shell: Shell) -> Seen:
    return list(observed["value"].values()), shell.shown


def held_by_an_optimizer(shell: Shell) -> list[Any]:
    (found,) = shell.held("w")
    return found if isinstance(found, list) else [found]


def the_last_step(observed: Observed, shell: Shell) -> Seen:
    return observed["value"][-1], held_by_an_optimizer(shell)


def what_is_cleared(observed: Observed, shell: Shell) -> Seen:
    value = observed["value"]
    return [*value["gradients"], *value["parameters"]], shell.shown[-1]


def what_is_chosen(observed: Observed, shell: Shell) -> Seen:
    value = observed["value"]
    expected = [{"type": value["class"]}, value["parameters"][-1]]
    return expected, [shell.shown[0], held_by_an_optimizer(shell)]


def losses_and_state(observed: Observed, shell: Shell) -> Seen:
    value = observed["value"]
    if "losses" not in value:
        devices: Any = shell.locals["devices"]
        return list(value.values()), [sorted({device.type for device in devices})]
    losses, state = shell.shown[-2:]
    return list(value.values()), [losses if isinstance(losses, list) else [losses], state]


def losses_or_devices(observed: Observed, shell: Shell) -> Seen:
    shown = losses_and_state if isinstance(observed["value"], dict) else the_value
    return shown(observed, shell)


def whether_it_learns(observed: Observed, shell: Shell) -> Seen:
    losses, accuracy = shell.shown[-2:]
    falls = all(later < earlier for earlier, later in pairwise(losses))
    return list(observed["value"].values()), [falls, accuracy > 0.18]


def the_line(observed: Observed, shell: Shell) -> Seen:
    return [observed["value"][name] for name in "wb"], shell.shown[-1]


def the_grads_left(observed: Observed, shell: Shell) -> Seen:
    left = [None if found is None or not found.any() else found for found in shell.shown[-1]]
    cleared = [None if isinstance(found, str) else found for found in observed["value"].values()]
    return cleared, left


def losses_and_line(observed: Observed, shell: Shell) -> Seen:
    losses, line = shell.shown[-2:]
    return list(observed["value"].values()), [losses, *line]


def losses_and_layer(observed: Observed, shell: Shell) -> Seen:
    after = shell.shown[-2:] if "prediction" in observed["value"] else [shell.shown[-1]]
    losses = shell.shown[-1 - len(after)]
    return list(observed["value"].values()), [losses, *after[0], *after[1:]]


def the_descent(observed: Observed, shell: Shell) -> Seen:
    lines = 4 if "prediction" in observed["value"] else 3
    parts = [part if isinstance(part, list) else [part] for part in shell.shown[-lines:]]
    return list(observed["value"].values()), [one for part in parts for one in part]


def the_new_layer(observed: Observed, shell: Shell) -> Seen:
    (_, weight, bias), value = shell.shown[-1], observed["value"]
    bias = torch.zeros_like(value["bias"]) if bias is None else bias
    return [value["weight"], value["bias"]], [weight, bias]


def the_output(observed: Observed, shell: Shell) -> Seen:
    if "gradients" in observed:
        output, gradients = shell.shown[-1]
        return [observed["value"], observed["gradients"]], [output, dict(gradients)]
    return observed["value"], shell.shown[-1]


def the_line_module(observed: Observed, shell: Shell) -> Seen:
    names = [f"linear.{name}" for name in ("weight", "bias")]
    if "gradients" not in observed:
        return the_value(observed, shell)
    return [observed["value"], *map(observed["gradients"].get, names)], shell.shown[-1]


def the_activation(observed: Observed, shell: Shell) -> Seen:
    layer, *outputs = shell.shown
    expected = {"type": observed["layer"]} if "layer" in observed else layer
    return [expected, observed["value"]], [layer, outputs]


def the_labels(observed: Observed, shell: Shell) -> Seen:
    """Of each image; its path may be of several kinds."""
    return [label for _, label in observed["value"]], [label for _, label in shell.shown[-1]]


def what_is_shared(observed: Observed, shell: Shell) -> Seen:
    _, written, array = observed["value"].values()
    return [written, array], [shell.shown[-2], torch.tensor(shell.locals["array"])]


def the_first_value(observed: Observed, shell: Shell) -> Seen:
    return observed["value"], shell.shown[0]


SHOWN: dict[str, Callable[[Observed, Shell], Seen]] = {
    "call": the_value,
    "gradient": the_gradients,
    "finite_gradient": finite_gradients,
    "forward": the_outputs,
    "describe": the_shapes,
    "size": the_sizes,
    "count": the_value,
    "collapsed": the_new_layer,
    "two_layers": the_output,
    "activation": the_activation,
    "run_gradient_step": the_line,
    "grads_after_step": the_grads_left,
    "run_fit": losses_and_line,
    "descent": the_descent,
    "run_fit_module": losses_and_layer,
    "module_descent": the_descent,
    "run_linear_model": the_line_module,
    "differentiate": the_value,
    "lifecycle": the_value,
    "call_each": the_value,
    "call_with_path": the_value,
    "list_images": the_labels,
    "share": what_is_shared,
    "load_batches": the_value,
    "write_scalars": the_value,
    "write_graph": the_first_value,
    "optimize": the_last_step,
    "clear": what_is_cleared,
    "choose": what_is_chosen,
    "run_train_step": losses_and_state,
    "step_losses": the_value,
    "run_train": losses_and_state,
    "epoch_losses": the_value,
    "run_evaluate": losses_or_devices,
    "run_lbfgs": losses_and_state,
    "lbfgs_losses": the_value,
    "learn": losses_and_state,
    "learns": whether_it_learns,
}
