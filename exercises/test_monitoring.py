"""What `monitoring` must do, read back from the files that it writes."""

import torch

from grader.checking import assert_gives, points, probes


@points(0.25)
def test_log_graph_writes_every_layer(monitoring):
    """The event file holds the five layers of the model; each keeps its own mode."""
    expected = ["linear", "batch_norm", "relu", "dropout", "linear"]
    model = "layers", torch.zeros(2, 3)
    frozen = {"otherwise": ["1"]}  # the batch norm is in evaluation mode, the rest in training mode
    assert_gives(monitoring.log_graph, expected, *model, probe=probes.write_graph, **frozen)


@points(0.25)
def test_log_losses_counts_steps_from_0(monitoring):
    """Three losses are three scalars: [step, value]."""
    expected = {"loss": [[0, 2.5], [1, 1.5], [2, 1.0]]}
    run = {"losses": [2.5, 1.5, 1.0]}
    assert_gives(monitoring.log_losses, expected, run, probe=probes.write_scalars)


@points(0.5)
def test_plot_losses_counts_epochs_from_1(monitoring):
    """A PNG: epochs 1, 2 and 3 across, their losses up, a label at both axes, nothing left open."""
    expected = {
        "the file": "PNG",
        "across": [1.0, 2.0, 3.0],
        "up": [2.5, 1.5, 1.0],
        "labelled": ["across", "up"],
    }
    assert_gives(monitoring.plot_losses, expected, [2.5, 1.5, 1.0], probe=probes.draw_losses)
