"""A Figure on a canvas of its own, a copy of the model, a writer with other options."""

import copy

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch.utils.tensorboard import SummaryWriter


def log_graph(model, example_input, log_dir):
    with SummaryWriter(log_dir, max_queue=1, flush_secs=1) as writer:
        writer.add_graph(copy.deepcopy(model), input_to_model=[example_input], verbose=False)


def log_losses(losses, log_dir, tag="loss"):
    with SummaryWriter(log_dir, filename_suffix=".losses") as writer:
        for step in range(len(losses)):
            writer.add_scalar(tag, losses[step], step, new_style=True, double_precision=True)


def plot_losses(losses, path):
    canvas = FigureCanvasAgg(Figure(layout="constrained"))
    axes = canvas.figure.add_subplot(111)
    axes.plot([epoch + 1 for epoch, _ in enumerate(losses)], losses)
    axes.set(xlabel="epoch", ylabel="loss", title="loss")
    canvas.print_figure(path)
