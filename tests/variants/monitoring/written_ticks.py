"""Drawn from 0, with the epochs written at the ticks from 1."""


def plot_losses(losses, path):
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot(losses, marker="o")
    axes.set_xticks(range(len(losses)), [str(epoch + 1) for epoch in range(len(losses))])
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    figure.savefig(path)
    plt.close(figure)
