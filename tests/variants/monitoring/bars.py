"""A bar for each epoch, and labels that belong to the figure."""


def plot_losses(losses, path):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(layout="tight")
    axes.bar(list(range(1, 1 + len(losses))), losses, width=0.5)
    figure.supxlabel("epoch")
    figure.supylabel("mean loss of the epoch")
    with open(path, "wb") as file:
        figure.savefig(file, format="png")
    plt.close(figure.number)
