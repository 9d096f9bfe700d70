"""Hidden checks of `monitoring`: event files read back, and figures looked at while drawn."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking import assert_matches, points, probes

LOSSES = st.lists(st.integers(0, 12).map(lambda quarters: quarters / 4), min_size=1, max_size=4)


def logged_graph(model, example_input, log_dir):
    """A graph, with every mode as it was."""
    from torch.utils.tensorboard import SummaryWriter

    modes = {module: module.training for module in model.modules()}
    with SummaryWriter(log_dir) as writer:
        writer.add_graph(model, example_input)
    for module, mode in modes.items():
        module.training = mode


def logged_losses(losses, log_dir, tag="loss"):
    """Scalars."""
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(log_dir) as writer:
        for step, loss in enumerate(losses):
            writer.add_scalar(tag, loss, step)


def drawn_losses(losses, path):
    """A figure that is closed."""
    import matplotlib.pyplot as plt

    plt.figure()
    plt.plot(range(1, 1 + len(losses)), losses)
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.savefig(path)
    plt.close()


def some_layers(drawn, count=4):
    """A model of so many layers, as the probe takes them."""
    kinds = ["linear", "relu", "tanh", "batch_norm", "dropout", "softmax"]
    return ", ".join(kinds[drawn.integer(0, 5)] for _ in range(count))


@points(0.25)
def test_log_graph_holds_the_layers(monitoring, drawn):
    """The event file is complete and holds the model's layers; nothing of the model changes."""
    model = some_layers(drawn, 6), drawn.tensor(2, 3)
    asked = {"probe": probes.write_graph, "kind": "Path"}
    assert_matches(monitoring.log_graph, logged_graph, *model, **asked)


@points(0.5)
def test_log_graph_leaves_every_mode(monitoring, drawn):
    """Each submodule has the mode that it had, also where they differ."""
    layers = f"linear, batch_norm, dropout, {some_layers(drawn)}"
    for model, training, otherwise in [(layers, False, ["2"]), ("nested", True, ["0", "0.1"])]:
        modes = {"training": training, "otherwise": otherwise}
        asked = {"probe": probes.write_graph, **modes}
        assert_matches(monitoring.log_graph, logged_graph, model, torch.ones(2, 3), **asked)


@points(0.25)
@settings(max_examples=3)
@given(losses=LOSSES, tag=st.sampled_from([{}, {"tag": "loss/train"}, {"tag": "l1"}]))
def test_log_losses_writes_one_scalar_a_step(monitoring, losses, tag):
    """Under the tag, or "loss": every loss with its step, from step 0; the writer is closed."""
    run = {"losses": losses, **tag}
    assert_matches(monitoring.log_losses, logged_losses, run, probe=probes.write_scalars)


@points(0.25)
def test_log_losses_keeps_what_was_logged(monitoring, drawn):
    """Two curves in one folder are both there, whether it is given as a str or as a Path."""
    first, second = (drawn.tensor(count, low=0.0).tolist() for count in (3, 1))
    runs = {"losses": first}, {"losses": second, "tag": "test"}
    for kind in ("str", "Path"):
        asked = {"probe": probes.write_scalars, "kind": kind}
        assert_matches(monitoring.log_losses, logged_losses, *runs, **asked)


@points(0.75)
def test_plot_losses_draws_every_epoch(monitoring, drawn):
    """A PNG with epochs from 1 across, losses up and two labels; nothing is left open."""
    for count, kind in (4, "Path"), (1, "str"):
        losses = drawn.tensor(count, low=0.25, high=30.0).tolist()
        asked = {"probe": probes.draw_losses, "kind": kind}
        assert_matches(monitoring.plot_losses, drawn_losses, losses, **asked)
