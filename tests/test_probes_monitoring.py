"""The probes of monitoring: what they find in event files and on figures, and clear up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch
from conftest import ROOT, solution
from matplotlib.figure import Figure
from torch.utils.tensorboard import SummaryWriter

from grader.probes import run_probe
from grader.probes.events import OPEN

matplotlib.use("svg")  # another than the probe's own
monitoring = solution("monitoring")
LAYERS = ["linear", "batch_norm", "relu", "dropout", "linear"]
INPUTS = torch.ones(2, 3)


def observed(probe: str, subject: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """What a probe sees; it leaves no thread, no figure and no setting behind."""
    before = os.getcwd(), set(threading.enumerate()), plt.get_fignums(), Figure.draw
    settings = dict(matplotlib.rcParams.copy())
    found = run_probe(probe, subject, "cpu", args, kwargs)
    assert (os.getcwd(), set(threading.enumerate()), plt.get_fignums(), Figure.draw) == before
    assert dict(matplotlib.rcParams.copy()) == settings
    return found


# graphs


def test_the_layers_of_the_graph_are_found() -> None:
    found = observed("write_graph", monitoring.log_graph, "layers", INPUTS)
    assert found == {"value": LAYERS, "devices": [], "changed": []}
    nested = observed("write_graph", monitoring.log_graph, "nested", INPUTS, kind="Path")
    assert nested["value"] == ["linear", "dropout", "tanh", "linear"]


def add_graph(model: Any, example_input: Any, log_dir: Any) -> None:
    with SummaryWriter(log_dir) as writer:
        writer.add_graph(model, example_input)


def test_each_mode_that_changed_is_named() -> None:
    found = observed("write_graph", add_graph, "layers", INPUTS, otherwise=["1", "3"])
    assert found["changed"] == [
        "the mode of layer 1, from evaluation to training",
        "the mode of layer 3, from evaluation to training",
    ]
    found = observed("write_graph", add_graph, "nested", INPUTS, training=False, otherwise=["0"])
    assert found["changed"] == ["the mode of layer 0, from training to evaluation"]


def test_whatever_else_changes_is_named() -> None:
    def spoil(model: Any, example_input: Any, log_dir: Any) -> None:
        model(example_input).sum().backward()
        example_input += 1

    found = observed("write_graph", spoil, "layers", INPUTS)
    changed = ["the example input", "the parameters or buffers", "the gradients"]
    assert found == {"value": [], "devices": [], "changed": changed}


@pytest.mark.parametrize("flush", [True, False])
def test_a_writer_that_is_left_open_is_noticed_and_closed(flush: bool) -> None:
    writers = []

    def leave_open(losses: Any, log_dir: Any) -> None:
        writers.append(SummaryWriter(log_dir))
        writers[0].add_scalar("loss", losses[0], 0)
        if flush:
            writers[0].flush()

    found = observed("write_scalars", leave_open, {"losses": [1.0]})
    assert found["value"] == OPEN


def test_threads_that_are_no_writers_do_not_matter() -> None:
    going_on = threading.Event()
    thread = threading.Thread(target=going_on.wait)

    def with_a_thread(*args: Any, **options: Any) -> None:
        thread.start()
        monitoring.log_losses(*args, **options)

    run = {"losses": [1.0]}
    found = run_probe("write_scalars", with_a_thread, "cpu", [run], {})
    assert found["value"] == {"loss": [[0, 1.0]]}
    assert thread.is_alive()
    going_on.set()
    thread.join()


# scalars


@pytest.mark.parametrize("options", [{}, {"new_style": True}, {"double_precision": True}])
def test_scalars_of_every_style_are_found_by_tag_and_step(options: dict[str, bool]) -> None:
    def log(losses: Any, log_dir: Any, tag: str = "loss") -> None:
        with SummaryWriter(log_dir) as writer:
            for step in reversed(range(len(losses))):
                writer.add_scalar(tag, losses[step], step, **options)
            writer.add_text("note", "no scalar")

    runs = {"losses": [3.0, 2.0]}, {"losses": [0.5], "tag": "test"}
    found = observed("write_scalars", log, *runs)
    assert found["value"] == {"loss": [[0, 3.0], [1, 2.0]], "test": [[0, 0.5]]}


def test_event_files_in_other_folders_are_named_but_not_where() -> None:
    def scatter(losses: Any, log_dir: Any) -> None:
        for folder in (f"{log_dir}/more", "runs", log_dir):
            monitoring.log_losses(losses, folder)

    found = observed("write_scalars", scatter, {"losses": [1.0]})
    assert found["value"] == {"loss": [[0, 1.0]]}
    below, elsewhere = (
        "an event file is in a folder below it",
        "an event file is in a folder elsewhere",
    )
    assert found["changed"] == [below, elsewhere]


# figures


def drawn(draw: Any, losses: Any = (3.0, 1.0, 2.0)) -> dict[str, Any]:
    """What is seen of a figure on whose axes `draw` drew, and that pyplot saved and closed."""

    def plot(losses: Any, path: Any) -> None:
        figure, axes = plt.subplots()
        draw(axes, losses)
        figure.savefig(path)
        plt.close(figure)

    found = observed("draw_losses", plot, list(losses))
    assert found["changed"] == []
    value: dict[str, Any] = found["value"]
    assert value["the file"] == "PNG"
    return value


def epochs(losses: Any) -> list[int]:
    return list(range(1, 1 + len(losses)))


WAYS = {
    "plot": lambda axes, losses: axes.plot(epochs(losses), losses),
    "scatter": lambda axes, losses: axes.scatter(epochs(losses), losses),
    "bar": lambda axes, losses: axes.bar(epochs(losses), losses),
    "step": lambda axes, losses: axes.step(epochs(losses), losses),
    "semilogy": lambda axes, losses: axes.semilogy(epochs(losses), losses),
    "categories": lambda axes, losses: axes.plot([str(e) for e in epochs(losses)], losses),
    "formatter": lambda axes, losses: (
        axes.plot(losses),
        axes.xaxis.set_major_formatter(lambda x, _: f"{x + 1:g}"),
    ),
    "ticks": lambda axes, losses: (
        axes.plot(losses),
        axes.set_xticks(range(len(losses)), [f"{epoch}" for epoch in epochs(losses)]),
    ),
    "with lines of help": lambda axes, losses: (
        axes.axhline(1.0),
        axes.axvline(2.0),
        axes.plot([1, 9], [2, 2]),
        axes.plot(epochs(losses), losses),
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("losses", [[3.0, 1.0, 2.0], [0.5]])
def test_points_are_found_however_they_are_drawn(way: str, losses: list[float]) -> None:
    found = drawn(WAYS[way], losses)
    assert found["up"] == losses
    assert found["across"] == [float(epoch) for epoch in epochs(losses)]
    assert found["labelled"] == []


def test_places_that_say_something_else_than_a_number_count_as_they_are() -> None:
    def in_words(axes: Any, losses: Any) -> None:
        axes.plot(losses)
        axes.set_xticks([0, 1, 2], ["first", "second", "third"])

    assert drawn(in_words)["across"] == [0.0, 1.0, 2.0]


def test_labels_count_where_they_hold_more_than_space() -> None:
    half = drawn(lambda axes, losses: axes.set(xlabel="epoch", ylabel=" "))
    assert half == {"the file": "PNG", "across": [], "up": [], "labelled": []}
    half = drawn(lambda axes, losses: (axes.plot(losses), axes.set(xlabel="epoch", ylabel=" ")))
    assert half["labelled"] == ["across"]

    def of_the_figure(axes: Any, losses: Any) -> None:
        axes.plot(losses)
        axes.figure.supylabel("loss")

    assert drawn(of_the_figure)["labelled"] == ["up"]


def test_figures_and_windows_are_noticed_and_closed() -> None:
    def shows(losses: Any, path: Any) -> None:
        plt.figure()
        plt.plot(losses)
        plt.savefig(path)
        plt.show()
        plt.gcf().show()

    found = observed("draw_losses", shows, [1.0, 2.0])
    assert found["changed"] == ["a window is opened", "a figure is left open"]
    assert found["value"]["up"] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("content", "kind"), [(None, "none"), (b"no picture at all", "no picture"), (b"", "no picture")]
)
def test_a_file_that_is_no_picture_is_called_so(content: bytes | None, kind: str) -> None:
    def write(losses: Any, path: Any) -> None:
        if content is not None:
            Path(path).write_bytes(content)

    assert observed("draw_losses", write, [1.0])["value"]["the file"] == kind


def test_settings_of_the_caller_neither_count_nor_change() -> None:
    with matplotlib.rc_context({"savefig.format": "svg", "axes.grid": True, "text.usetex": True}):
        found = observed("draw_losses", monitoring.plot_losses, [1.0, 2.0])
    assert found["value"]["the file"] == "PNG"


def test_a_backend_that_cannot_be_loaded_does_not_matter() -> None:
    try:
        matplotlib.rcParams["backend"] = "module://a_backend_that_is_not_there"
        found = run_probe("draw_losses", monitoring.plot_losses, "cpu", ([1.0, 2.0],), {})
        assert found["value"]["up"] == [1.0, 2.0]
    finally:
        matplotlib.use("svg")


# without the packages that it is about

HIDING = """
import sys


class Hiding:
    def find_spec(self, name, path=None, target=None):
        if name in ("matplotlib", "tensorboard"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Hiding())
"""


@pytest.mark.parametrize("written", [False, True])
def test_a_student_without_the_packages_gets_one_clear_outcome(
    tmp_path: Path, written: bool
) -> None:
    shutil.copyfile(ROOT / "course.toml", tmp_path / "course.toml")
    shutil.copytree(ROOT / "exercises", tmp_path / "exercises")
    if written:
        for name in ("data.py", "monitoring.py"):
            shutil.copyfile(ROOT / "solutions" / name, tmp_path / "exercises" / name)
    (tmp_path / "conftest.py").write_text(HIDING, encoding="utf-8")
    files = [f"exercises/test_{name}.py" for name in ("data", "monitoring")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *files],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    for word in ("Traceback", "Warning", "INTERNALERROR", "the check itself broke", "hint "):
        assert word not in said
    if not written:
        assert said.splitlines()[-2].strip("= ").startswith("8 todo in ")
        return
    assert said.splitlines()[-2].strip("= ").startswith("3 failed, 5 passed in ")
    got = [line for line in said.splitlines() if line.startswith("got ")]
    missing = ["tensorboard", "tensorboard", "matplotlib"]
    assert got == [f"got       ModuleNotFoundError: No module named '{name}'" for name in missing]
