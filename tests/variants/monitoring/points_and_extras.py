"""Scattered points with much around them: lines of help, a mean, ticks at whole numbers."""

import numpy as np


def plot_losses(losses, path):
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    with pyplot.style.context("ggplot"), pyplot.ioff():
        figure = pyplot.figure()
        axes = figure.gca()
        epochs = np.arange(1, len(losses) + 1)
        axes.axhline(float(np.mean(losses)), linestyle="--")
        axes.axvline(1)
        axes.scatter(epochs, np.array(losses), marker="x")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.annotate("first", (1, losses[0]))
        axes.set_xlabel("Epoche")
        axes.set_ylabel("Verlust")
        figure.savefig(path, bbox_inches="tight", transparent=True)
        pyplot.close("all")
