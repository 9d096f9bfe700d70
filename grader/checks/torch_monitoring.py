"""Torch itself as a submission: its SummaryWriter, and matplotlib without pyplot."""

from contextlib import closing

from torch.utils.tensorboard import SummaryWriter


def log_graph(model, example_input, log_dir):
    modes = {module: module.training for module in model.modules()}
    with closing(SummaryWriter(str(log_dir))) as writer:
        writer.add_graph(model, (example_input,))
    for module in modes:
        module.training = modes[module]


def log_losses(losses, log_dir, tag="loss"):
    writer = SummaryWriter(log_dir=log_dir, flush_secs=1)
    for step in range(len(losses)):
        writer.add_scalar(tag, losses[step], global_step=step, new_style=True)
    writer.close()


def plot_losses(losses, path):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    axes.scatter([1 + epoch for epoch in range(len(losses))], losses)
    axes.set(xlabel="epoch", ylabel="loss")
    FigureCanvasAgg(figure).print_png(path)
