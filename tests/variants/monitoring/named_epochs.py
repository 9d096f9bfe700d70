"""The epochs as categories, on two subplots of which the second has a logarithmic axis."""


def plot_losses(losses, path):
    import matplotlib.pyplot as plt

    figure, both = plt.subplots(2, 1, sharex=True)
    epochs = [f"{epoch}" for epoch in range(1, len(losses) + 1)]
    for axes, scale in zip(both, ("linear", "log"), strict=True):
        axes.plot(epochs, losses, drawstyle="steps-mid")
        axes.set_yscale(scale)
        axes.set_xlabel("epoch")
        axes.set_ylabel(f"loss ({scale})")
    figure.savefig(str(path))
    plt.close(figure)
