"""What goes wrong in `cross_entropy_backward`."""

import torch
import torch.nn.functional as F
from torch import Tensor

from grader.misconceptions import misconception


def chosen(logits: Tensor, target: Tensor) -> Tensor:
    """One-hot targets in the dtype of the logits."""
    return F.one_hot(target, logits.shape[1]).to(logits.dtype)


@misconception(
    of="cross_entropy_backward",
    hint="Divide by N: the loss is a mean over the batch, and so its gradient has the 1/N.",
)
def ce_back_lacks_mean(logits: Tensor, target: Tensor) -> Tensor:
    return logits.softmax(1) - chosen(logits, target)


@misconception(
    of="cross_entropy_backward",
    hint="Divide by the number of samples alone: the loss is no mean over the classes.",
)
def ce_back_divided_by_classes(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.softmax(1) - chosen(logits, target)) / logits.numel()


@misconception(
    of="cross_entropy_backward",
    hint="Subtract 1 at the class of each sample: the probabilities alone are not the gradient.",
)
def ce_back_probabilities_alone(logits: Tensor, target: Tensor) -> Tensor:
    return logits.softmax(1) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="The other classes have a gradient too: their logits stand in the softmax.",
)
def ce_back_target_alone(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.softmax(1) - 1) * chosen(logits, target) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Derive by the logits, through the softmax: −1/p is only the gradient by the probability.",
)
def ce_back_by_probabilities(logits: Tensor, target: Tensor) -> Tensor:
    return -chosen(logits, target) / logits.softmax(1) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Subtract the one-hot target from the probabilities, not the other way round.",
)
def ce_back_sign_lost(logits: Tensor, target: Tensor) -> Tensor:
    return (chosen(logits, target) - logits.softmax(1)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Subtract 1 at one place of each row: index with the row's number and its class. "
    "`[:, target]` takes whole columns.",
)
def ce_back_whole_columns(logits: Tensor, target: Tensor) -> Tensor:
    difference = logits.softmax(1)
    difference[:, target] -= 1
    return difference / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Subtract a 1 at the class, not the number of the class: make the target one-hot.",
)
def ce_back_subtracts_class_number(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.softmax(1) - target.unsqueeze(1)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Use the target's class, not the most probable one.",
)
def ce_back_of_the_prediction(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.softmax(1) - chosen(logits, logits.argmax(1))) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Take the softmax over the classes, dimension 1, not over the batch.",
)
def ce_back_softmax_over_the_batch(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.softmax(0) - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Normalise each row by itself, not the whole batch at once.",
)
def ce_back_softmax_over_everything(logits: Tensor, target: Tensor) -> Tensor:
    probabilities = logits.flatten().softmax(0).reshape(logits.shape)
    return (probabilities - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Take the softmax once: the logits come without one.",
)
def ce_back_softmax_twice(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.softmax(1).softmax(1) - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Turn the logits into probabilities first, with the softmax.",
)
def ce_back_without_softmax(logits: Tensor, target: Tensor) -> Tensor:
    return (logits - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Take the probabilities, not their logarithms: the derivative has no log any more.",
)
def ce_back_log_softmax(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.log_softmax(1) - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Use the softmax, in which the classes compete: a sigmoid of each logit is for yes or no.",
)
def ce_back_sigmoid(logits: Tensor, target: Tensor) -> Tensor:
    return (logits.sigmoid() - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Subtract the maximum of each row first: the exponential of a large logit overflows.",
)
def ce_back_naive_exponential(logits: Tensor, target: Tensor) -> Tensor:
    powers = logits.exp()
    return (powers / powers.sum(1, keepdim=True) - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Subtract the maximum of each row from that row: one maximum for the whole batch makes "
    "the other rows underflow.",
)
def ce_back_one_maximum_for_the_batch(logits: Tensor, target: Tensor) -> Tensor:
    powers = (logits - logits.max()).exp()
    return (powers / powers.sum(1, keepdim=True) - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Return the gradient, in the shape of the logits: this is the loss.",
)
def ce_back_loss_itself(logits: Tensor, target: Tensor) -> Tensor:
    return F.cross_entropy(logits, target)


@misconception(
    of="cross_entropy_backward",
    hint="Leave the logits as they are: avoid in-place operations on what you were given.",
)
def ce_back_changes_logits(logits: Tensor, target: Tensor) -> Tensor:
    logits -= logits.max(1, keepdim=True).values
    return (logits.softmax(1) - chosen(logits, target)) / len(logits)


@misconception(
    of="cross_entropy_backward",
    hint="Keep the dtype of the logits: float64 in, float64 out.",
)
def ce_back_in_float32(logits: Tensor, target: Tensor) -> Tensor:
    return ((logits.softmax(1) - chosen(logits, target)) / len(logits)).float()


@misconception(
    of="cross_entropy_backward",
    hint="Derive it by hand: to have autograd do it is not allowed here.",
)
def ce_back_by_autograd(logits: Tensor, target: Tensor) -> Tensor:
    leaf = logits.clone().requires_grad_()
    return torch.autograd.grad(F.cross_entropy(leaf, target), leaf)[0]
