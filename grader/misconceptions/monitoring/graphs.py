"""What goes wrong in `log_graph`."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from torch import nn

from grader.misconceptions import misconception

GIVE_BACK_EVERY_MODE = (
    "Note the mode of every submodule and give it back to each: add_graph sets them all to the "
    "mode of the model."
)
LEAVE_THE_MODE = "Leave the model in the mode, training or evaluation, in which it came."
CLOSE_THE_WRITER = (
    "Close the writer: until then the file is not complete, and a thread of it waits for more."
)
LOG_WHERE_ASKED = (
    "Write into log_dir itself, not into a folder that the writer chooses or into one below."
)


@contextlib.contextmanager
def modes_kept(model: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    yield
    for module, mode in modes:
        module.training = mode


@contextlib.contextmanager
def a_writer(log_dir: Any) -> Iterator[Any]:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(log_dir)
    yield writer
    writer.close()


@misconception(of="log_graph", hint=GIVE_BACK_EVERY_MODE)
def graph_with_one_mode_for_all(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with a_writer(log_dir) as writer:
        writer.add_graph(model, example_input)


@misconception(of="log_graph", hint=GIVE_BACK_EVERY_MODE)
def graph_with_modes_of_children(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    modes = [(child, child.training) for child in model.children()]
    with a_writer(log_dir) as writer:
        writer.add_graph(model, example_input)
    for child, mode in modes:
        child.training = mode


@misconception(of="log_graph", hint=GIVE_BACK_EVERY_MODE)
def graph_with_modes_passed_on(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    modes = [(module, module.training) for module in model.modules()]
    with a_writer(log_dir) as writer:
        writer.add_graph(model, example_input)
    for module, mode in reversed(modes):
        module.train(mode)


@misconception(of="log_graph", hint=LEAVE_THE_MODE)
def graph_in_evaluation_mode(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    model.eval()
    with a_writer(log_dir) as writer:
        writer.add_graph(model, example_input)


@misconception(of="log_graph", hint=LEAVE_THE_MODE)
def graph_in_training_mode_at_the_end(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with a_writer(log_dir) as writer:
        writer.add_graph(model, example_input)
    model.train()


@misconception(of="log_graph", hint=CLOSE_THE_WRITER)
def graph_in_an_open_writer(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    from torch.utils.tensorboard import SummaryWriter

    with modes_kept(model):
        SummaryWriter(log_dir).add_graph(model, example_input)


@misconception(of="log_graph", hint=CLOSE_THE_WRITER)
def graph_in_a_flushed_writer(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(log_dir)
    with modes_kept(model):
        writer.add_graph(model, example_input)
    writer.flush()


@misconception(of="log_graph", hint=LOG_WHERE_ASKED)
def graph_in_a_folder_of_the_writer(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with modes_kept(model), a_writer(None) as writer:
        writer.add_graph(model, example_input)


@misconception(of="log_graph", hint=LOG_WHERE_ASKED)
def graph_in_a_folder_below(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with modes_kept(model), a_writer(os.path.join(log_dir, "graph")) as writer:
        writer.add_graph(model, example_input)


@misconception(
    of="log_graph",
    hint="Give add_graph the example input, too: the model runs once on it to show what it does.",
)
def graph_without_input(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with modes_kept(model), a_writer(log_dir) as writer:
        writer.add_graph(model)


@misconception(
    of="log_graph",
    hint="Add the graph, and not the model as text: the event file is to hold a graph.",
)
def graph_as_text(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with a_writer(log_dir) as writer:
        writer.add_text("model", str(model))


@misconception(
    of="log_graph", hint="Add the graph of the whole model, and not of one of its parts."
)
def graph_of_the_first_layer(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with modes_kept(model), a_writer(log_dir) as writer:
        writer.add_graph(next(model.children()), example_input)


@misconception(
    of="log_graph",
    hint="Add the graph once: in one event file it is shown as often as it is added.",
)
def graph_twice(model: nn.Module, example_input: Any, log_dir: Any) -> None:
    with modes_kept(model), a_writer(log_dir) as writer:
        writer.add_graph(model, example_input)
        writer.add_graph(model, example_input)
