"""Probes of monitoring: what event files hold, what a figure shows, and what is left behind."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from grader.probes.files import PATHS, new_folder, replaced
from grader.probes.observe import place, plain, same

_FOLDER = "logs/first"
_PICTURE = "pictures/curve.png"
_PATIENCE = 0.1  # seconds on the clock that a closed writer's thread may take to end
_LAYERS = ("linear", "relu", "tanh", "batch_norm", "dropout", "softmax")
OPEN = "the writer is still open: the file is not complete, and its thread runs on"


# event files


def layers() -> nn.Module:
    """A small network with layers that have two modes."""
    return nn.Sequential(
        nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2)
    )


def nested() -> nn.Module:
    """A network within a network."""
    inner = nn.Sequential(nn.Linear(3, 5), nn.Dropout(0.5), nn.Tanh())
    return nn.Sequential(inner, nn.Linear(5, 1))


MODELS: dict[str, Callable[[], nn.Module]] = {"layers": layers, "nested": nested}
KINDS: dict[str, Callable[[], nn.Module]] = {
    "linear": lambda: nn.Linear(3, 3),
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "batch_norm": lambda: nn.BatchNorm1d(3),
    "dropout": nn.Dropout,
    "softmax": lambda: nn.Softmax(1),
}


def _made(model: str) -> nn.Module:
    """One of MODELS, or a row of KINDS: `linear, tanh, linear`."""
    if model in MODELS:
        return MODELS[model]()
    return nn.Sequential(*(KINDS[kind]() for kind in model.split(", ")))


def write_graph(
    subject: Callable[..., Any],
    device: str,
    model: str,
    inputs: torch.Tensor,
    training: bool = True,
    otherwise: Sequence[str] = (),
    kind: str = "str",
) -> dict[str, Any]:
    """Have `subject` log the graph of a model: the layers in the event file, in their order.

    The model is one of MODELS or a row of KINDS. It is in training mode, or all of it in evaluation
    mode, but for the submodules called `otherwise`, which are in the other one.
    """
    network = _made(model).to(device).train(training)
    for name in otherwise:
        network.get_submodule(name).training = not training
    example = place(inputs, device)
    state, modes = place(dict(network.state_dict()), device), _modes(network)
    with _watched_writers() as closed:
        subject(network, example, PATHS[kind](_FOLDER))
        value = plain(layers_in(_FOLDER)) if closed() else OPEN
        strays = _strays()
    changed = {
        "the example input": not same(example, place(inputs, device)),
        "the parameters or buffers": not same(dict(network.state_dict()), state),
        "the gradients": any(parameter.grad is not None for parameter in network.parameters()),
    }
    changes = [name for name, happened in changed.items() if happened] + strays
    return {"value": value, "devices": [], "changed": changes + _new_modes(modes, _modes(network))}


def write_scalars(
    subject: Callable[..., Any], device: str, *runs: Mapping[str, Any], kind: str = "str"
) -> dict[str, Any]:
    """Log losses, once for each of `runs`, into one folder: [step, value] of each tag.

    A run is the arguments other than the folder: `losses` and, where it is not left out, `tag`.
    """
    changed = []
    with _watched_writers() as closed:
        for run in runs:
            named = dict(run)
            losses = list(named.pop("losses"))
            given = list(losses)
            subject(given, PATHS[kind](_FOLDER), **named)
            changed += ["the losses"] if given != losses else []
        value = plain(scalars_in(_FOLDER)) if closed() else OPEN
        changed += _strays()
    return {"value": value, "devices": [], "changed": changed}


def _modes(network: nn.Module) -> dict[str, str]:
    return {
        f"layer {name}" if name else "the model": "training" if module.training else "evaluation"
        for name, module in network.named_modules()
    }


def _new_modes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [
        f"the mode of {name}, from {mode} to {after[name]}"
        for name, mode in before.items()
        if after[name] != mode
    ]


@contextlib.contextmanager
def _watched_writers() -> Iterator[Callable[[], bool]]:
    """Go to a new folder; yields what says whether no new thread of a writer runs.

    Threads that are left are ended afterwards.
    """
    without_tensorflow()
    before = set(threading.enumerate())

    def left() -> list[threading.Thread]:
        new = [thread for thread in threading.enumerate() if thread not in before]
        return [thread for thread in new if "tensorboard" in type(thread).__module__]

    def closed() -> bool:
        for thread in left():
            thread.join(_PATIENCE)
        return not left()

    with new_folder(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # torch's, of its own tracer
        try:
            yield closed
        finally:
            for thread in left():
                stop = getattr(thread, "stop", None)
                if callable(stop):
                    stop()


def without_tensorflow() -> None:
    """Have TensorBoard read and write files by itself, though TensorFlow may be installed.

    It looks for a module of this name to learn that; TensorFlow would start threads of its own.
    """
    name = "tensorboard.compat.notf"
    sys.modules.setdefault(name, ModuleType(name))


def layers_in(folder: str) -> list[str]:
    """The layers of all graphs that the event files of a folder hold, by torch's names for them."""
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    found = []
    for event in _events_in(folder):
        if event.HasField("graph_def"):
            nodes = GraphDef.FromString(event.graph_def).node
            names = [node.op.rpartition("::")[2].lstrip("_") for node in nodes]
            found += [name for name in names if name in _LAYERS]
    return found


def scalars_in(folder: str) -> dict[str, list[list[Any]]]:
    """[step, value] of every scalar in the event files of a folder, by tag, step by step."""
    from tensorboard.util.tensor_util import make_ndarray

    found: dict[str, list[list[Any]]] = {}
    for event in _events_in(folder):
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == "scalars":
                number = float(make_ndarray(value.tensor).item())
                found.setdefault(value.tag, []).append([int(event.step), number])
    return {tag: sorted(found[tag], key=lambda pair: pair[0]) for tag in sorted(found)}


def _strays() -> list[str]:
    """Where else event files are, in words that name no folder."""
    found = {file.parent.as_posix() for file in Path().rglob("*tfevents*")} - {_FOLDER}
    where = {"below it" if folder.startswith(f"{_FOLDER}/") else "elsewhere" for folder in found}
    return [f"an event file is in a folder {one}" for one in sorted(where)]


def _events_in(folder: str) -> Iterator[Any]:
    """The events of all event files right in a folder, read by TensorBoard's own reader."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    for file in sorted(Path(folder).glob("*tfevents*")):
        yield from EventFileLoader(str(file)).Load()


# figures


def draw_losses(
    subject: Callable[..., Any], device: str, losses: Sequence[float], kind: str = "str"
) -> dict[str, Any]:
    """Have `subject` draw losses and save the figure: what is on it, and what is left behind.

    The figure is looked at when it is drawn for the last time, however it was made.
    """
    given = list(losses)
    with new_folder():
        path = PATHS[kind](_PICTURE)
        Path(_PICTURE).parent.mkdir()
        try:
            import matplotlib  # noqa: F401  # it may not be installed
        except ImportError:
            subject(given, path)  # a stub says so itself; what draws will miss it too
            raise
        with _watched_figures(len(losses)) as seen:
            subject(given, path)
        value = {"the file": _file_kind(_PICTURE), **plain(seen.drawn)}
    seen.changed += ["the losses"] if given != list(losses) else []
    return {"value": value, "devices": [], "changed": seen.changed}


class _Seen:
    """What was on the figure that was drawn last, and what is left of the drawing."""

    def __init__(self) -> None:
        self.drawn: dict[str, Any] = {"across": [], "up": [], "labelled": []}
        self.changed: list[str] = []


@contextlib.contextmanager
def _watched_figures(points: int) -> Iterator[_Seen]:
    """Watch what is drawn with matplotlib, on a canvas without a window and in its own style."""
    import matplotlib
    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.figure import Figure

    seen = _Seen()
    draw = Figure.draw

    def watched_draw(figure: Figure, *args: Any, **kwargs: Any) -> Any:
        drawn = draw(figure, *args, **kwargs)
        seen.drawn = _on_figure(figure, points)
        return drawn

    def watched_show(manager: Any, *_: Any, **__: Any) -> None:
        if "a window is opened" not in seen.changed:
            seen.changed.append("a window is opened")

    with (
        matplotlib.rc_context(),
        _without_window() as plt,
        replaced(Figure, draw=watched_draw),
        replaced(FigureManagerBase, show=watched_show),
    ):
        matplotlib.rcdefaults()
        matplotlib.rcParams["figure.dpi"] = 20  # few pixels are drawn sooner
        before = set(plt.get_fignums())
        try:
            yield seen
        finally:
            left = [number for number in plt.get_fignums() if number not in before]
            if left:
                seen.changed.append("a figure is left open")
            for number in left:
                plt.close(number)


@contextlib.contextmanager
def _without_window() -> Iterator[Any]:
    """pyplot with a backend that opens no window; afterwards with the one that it had."""
    import matplotlib
    import matplotlib.pyplot as plt

    # Where none is chosen yet, asking for it would choose one; that one stays.
    chosen = dict.get(matplotlib.rcParams, "backend")
    if isinstance(chosen, str) and chosen.lower() == "agg":
        yield plt
        return
    plt.switch_backend("agg")
    try:
        yield plt
    finally:
        if isinstance(chosen, str):
            with contextlib.suppress(ImportError):  # chosen for a screen that is not there
                plt.switch_backend(chosen)


def _on_figure(figure: Any, points: int) -> dict[str, Any]:
    """The curve of `points` points that a figure shows, and which of its axes are labelled."""
    found = [(axes, curve) for axes in figure.axes for curve in _curves(axes)]
    if not found:
        return {"across": [], "up": [], "labelled": []}
    axes, (across, up) = max(found, key=lambda pair: (len(pair[1][0]) == points, len(pair[1][0])))
    labels = {
        "across": axes.get_xlabel() or figure.get_supxlabel(),
        "up": axes.get_ylabel() or figure.get_supylabel(),
    }
    return {
        "across": _as_shown(axes.xaxis, across),
        "up": [float(y) for y in up],
        "labelled": [name for name, text in labels.items() if str(text).strip()],
    }


def _curves(axes: Any) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
    """x and y of all that is drawn point by point: lines, scattered points, bars."""
    from matplotlib.collections import PathCollection
    from matplotlib.container import BarContainer

    for line in axes.lines:
        if line.get_transform().contains_branch(axes.transData):
            yield line.get_xdata(orig=False), line.get_ydata(orig=False)
    for collection in axes.collections:
        if isinstance(collection, PathCollection):
            places: Any = collection.get_offsets()
            yield places[:, 0], places[:, 1]
    for bars in axes.containers:
        if isinstance(bars, BarContainer):
            yield (
                [bar.get_x() + bar.get_width() / 2 for bar in bars],
                [bar.get_y() + bar.get_height() for bar in bars],
            )


def _as_shown(axis: Any, values: Sequence[Any]) -> list[float]:
    """Places on an axis as the numbers that are written there, where they are others."""
    from matplotlib.ticker import FormatStrFormatter, ScalarFormatter, StrMethodFormatter

    written = axis.get_major_formatter()
    if isinstance(written, (ScalarFormatter, FormatStrFormatter, StrMethodFormatter)):
        return [float(value) for value in values]
    labels = [label.get_text() for label in axis.get_ticklabels()]
    at_ticks = dict(zip(map(float, axis.get_ticklocs()), labels, strict=False))
    shown = []
    for value in map(float, values):
        try:
            shown.append(float(at_ticks.get(value) or written(value)))
        except ValueError:  # words, or nothing
            shown.append(value)
    return shown


def _file_kind(path: str) -> str:
    """What kind of picture a file holds."""
    from PIL import Image

    if not os.path.isfile(path):
        return "none"
    try:
        with Image.open(path) as image:
            return str(image.format)
    except OSError:
        return "no picture"
