"""What goes wrong in `log_losses`."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from grader.misconceptions import misconception

CLOSE_THE_WRITER_OF_SCALARS = (
    "Close the writer: until then the file is not complete, and a thread of it waits for more."
)
FROM_STEP_0 = "Count the steps from 0: the first loss is that of step 0."
THE_TAG_GIVEN = 'Log under the tag that is given, and under "loss" where none is.'
EVERY_LOSS = "Log every loss with a step of its own, and not one number for all of them."
THE_LOSS_ITSELF = "Log the losses as they are: a sum or a mean of them is another curve."
LOG_DIR_ITSELF = (
    "Write into log_dir itself: neither into a folder that the writer chooses nor into one below, "
    "where add_scalars writes, too."
)


@contextlib.contextmanager
def a_scalar_writer(log_dir: Any) -> Iterator[Any]:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(log_dir)
    yield writer
    writer.close()


def add_all(writer: Any, losses: Any, tag: str, first: int = 0) -> None:
    for step, loss in enumerate(losses, first):
        writer.add_scalar(tag, loss, step)


@misconception(of="log_losses", hint=CLOSE_THE_WRITER_OF_SCALARS)
def scalars_in_an_open_writer(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    from torch.utils.tensorboard import SummaryWriter

    add_all(SummaryWriter(log_dir), losses, tag)


@misconception(of="log_losses", hint=CLOSE_THE_WRITER_OF_SCALARS)
def scalars_in_a_flushed_writer(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(log_dir)
    add_all(writer, losses, tag)
    writer.flush()


@misconception(of="log_losses", hint=FROM_STEP_0)
def scalars_from_step_1(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        add_all(writer, losses, tag, first=1)


@misconception(
    of="log_losses", hint="Give each loss its step: without one they all lie on the same spot."
)
def scalars_without_step(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        for loss in losses:
            writer.add_scalar(tag, loss)


@misconception(of="log_losses", hint="Give add_scalar the loss first and the step after it.")
def scalars_for_steps(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        for step, loss in enumerate(losses):
            writer.add_scalar(tag, step, loss)


@misconception(of="log_losses", hint=THE_TAG_GIVEN)
def scalars_under_a_fixed_tag(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        add_all(writer, losses, "loss")


@misconception(of="log_losses", hint=THE_TAG_GIVEN)
def scalars_under_another_default(losses: Any, log_dir: Any, tag: str = "Loss/train") -> None:
    with a_scalar_writer(log_dir) as writer:
        add_all(writer, losses, tag)


@misconception(
    of="log_losses", hint="Log all losses under one tag: it is the step that tells them apart."
)
def scalars_under_many_tags(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        for step, loss in enumerate(losses):
            writer.add_scalar(f"{tag}/{step}", loss, step)


@misconception(of="log_losses", hint=EVERY_LOSS)
def scalar_of_the_last_loss(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        writer.add_scalar(tag, losses[-1], len(losses) - 1)


@misconception(of="log_losses", hint=EVERY_LOSS)
def scalar_of_their_mean(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        writer.add_scalar(tag, sum(losses) / len(losses), 0)


@misconception(of="log_losses", hint=EVERY_LOSS)
def scalar_of_the_first_loss(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        writer.add_scalar(tag, losses[0], 0)


@misconception(of="log_losses", hint=THE_LOSS_ITSELF)
def scalars_summed_up(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        add_all(writer, accumulate(losses), tag)


@misconception(of="log_losses", hint=THE_LOSS_ITSELF)
def scalars_averaged_so_far(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        means = [total / count for count, total in enumerate(accumulate(losses), start=1)]
        add_all(writer, means, tag)


@misconception(of="log_losses", hint=LOG_DIR_ITSELF)
def scalars_all_at_once(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(log_dir) as writer:
        for step, loss in enumerate(losses):
            writer.add_scalars(tag, {tag: loss}, step)


@misconception(of="log_losses", hint=LOG_DIR_ITSELF)
def scalars_in_a_folder_of_the_writer(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(None) as writer:
        add_all(writer, losses, tag)


@misconception(of="log_losses", hint=LOG_DIR_ITSELF)
def scalars_in_a_folder_below(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    with a_scalar_writer(os.path.join(log_dir, tag)) as writer:
        add_all(writer, losses, tag)


@misconception(
    of="log_losses",
    hint="Leave what was logged before where it is: every writer writes a file of its own.",
)
def scalars_after_a_clean_up(losses: Any, log_dir: Any, tag: str = "loss") -> None:
    shutil.rmtree(log_dir, ignore_errors=True)
    with a_scalar_writer(log_dir) as writer:
        add_all(writer, losses, tag)
