"""What goes wrong in `plot_losses`."""

from itertools import accumulate
from typing import Any

from grader.misconceptions import misconception

CLOSE_THE_FIGURE = "Close the figure: pyplot keeps every one in memory until it is closed."
EPOCHS_FROM_1 = "Count the epochs from 1: matplotlib counts from 0 where it is given losses alone."
LABEL_BOTH_AXES = "Label both axes: a title or a legend does not say what goes across and what up."
NO_WINDOW = "Save the figure and do not show it: a window keeps the program waiting."
SAVE_WHAT_IS_DRAWN = (
    "Save the figure when all is drawn on it, and before it is cleared or closed: otherwise the "
    "picture is empty."
)
SAVE_AT_THE_PATH = "Save the figure at the path that is given."
SAVE_A_PNG = "Save a PNG, and no other kind of file."


def a_figure(losses: Any, first: int = 1) -> Any:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot(range(first, first + len(losses)), losses)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    return figure


def save_and_close(figure: Any, path: Any, **options: Any) -> None:
    import matplotlib.pyplot as plt

    figure.savefig(path, **options)
    plt.close(figure)


@misconception(of="plot_losses", hint=CLOSE_THE_FIGURE)
def figure_left_open(losses: Any, path: Any) -> None:
    a_figure(losses).savefig(path)


@misconception(of="plot_losses", hint=EPOCHS_FROM_1)
def figure_from_epoch_0(losses: Any, path: Any) -> None:
    save_and_close(a_figure(losses, first=0), path)


@misconception(
    of="plot_losses", hint="Let epochs go across and losses up: the other way round here."
)
def figure_with_axes_swapped(losses: Any, path: Any) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    axes.plot(losses, range(1, 1 + len(losses)))
    axes.set(xlabel="loss", ylabel="epoch")
    save_and_close(figure, path)


@misconception(of="plot_losses", hint=LABEL_BOTH_AXES)
def figure_without_labels(losses: Any, path: Any) -> None:
    figure = a_figure(losses)
    figure.axes[0].set(xlabel="", ylabel="", title="Loss in each epoch")
    save_and_close(figure, path)


@misconception(of="plot_losses", hint=LABEL_BOTH_AXES)
def figure_without_label_across(losses: Any, path: Any) -> None:
    figure = a_figure(losses)
    figure.axes[0].set_xlabel("")
    save_and_close(figure, path)


@misconception(of="plot_losses", hint=LABEL_BOTH_AXES)
def figure_without_label_up(losses: Any, path: Any) -> None:
    figure = a_figure(losses)
    figure.axes[0].set_ylabel("")
    save_and_close(figure, path)


@misconception(of="plot_losses", hint=NO_WINDOW)
def figure_shown(losses: Any, path: Any) -> None:
    import matplotlib.pyplot as plt

    figure = a_figure(losses)
    figure.savefig(path)
    plt.show()
    plt.close(figure)


@misconception(of="plot_losses", hint=NO_WINDOW)
def figure_shown_and_left_open(losses: Any, path: Any) -> None:
    import matplotlib.pyplot as plt

    a_figure(losses).savefig(path)
    plt.show()


@misconception(of="plot_losses", hint=SAVE_WHAT_IS_DRAWN)
def figure_cleared_before_saving(losses: Any, path: Any) -> None:
    figure = a_figure(losses)
    figure.clear()
    save_and_close(figure, path)


@misconception(of="plot_losses", hint=SAVE_WHAT_IS_DRAWN)
def figure_saved_before_drawing(losses: Any, path: Any) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots()
    figure.savefig(path)
    axes.plot(range(1, 1 + len(losses)), losses)
    plt.close(figure)


@misconception(of="plot_losses", hint=SAVE_WHAT_IS_DRAWN)
def figure_closed_before_saving(losses: Any, path: Any) -> None:
    import matplotlib.pyplot as plt

    plt.close(a_figure(losses))
    plt.savefig(path)


@misconception(of="plot_losses", hint=SAVE_AT_THE_PATH)
def figure_at_a_path_of_its_own(losses: Any, path: Any) -> None:
    save_and_close(a_figure(losses), "losses.png")


@misconception(of="plot_losses", hint=SAVE_AT_THE_PATH)
def figure_not_saved(losses: Any, path: Any) -> None:
    import matplotlib.pyplot as plt

    plt.close(a_figure(losses))


@misconception(of="plot_losses", hint=SAVE_A_PNG)
def figure_as_jpeg(losses: Any, path: Any) -> None:
    save_and_close(a_figure(losses), path, format="jpg")


@misconception(of="plot_losses", hint=SAVE_A_PNG)
def figure_as_svg(losses: Any, path: Any) -> None:
    save_and_close(a_figure(losses), path, format="svg")


@misconception(
    of="plot_losses", hint="Draw the losses as they are: a sum or a mean of them is another curve."
)
def figure_of_sums(losses: Any, path: Any) -> None:
    save_and_close(a_figure(list(accumulate(losses))), path)


@misconception(
    of="plot_losses", hint="Draw the losses of all epochs: one number does not show how they fall."
)
def figure_of_the_last_loss(losses: Any, path: Any) -> None:
    save_and_close(a_figure(losses[-1:]), path)
