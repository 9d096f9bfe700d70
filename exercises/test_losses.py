"""What `losses` must do, on examples you can follow by hand."""

import torch
import torch.nn.functional as F
from hypothesis import given

from grader.checking import (
    assert_gives,
    assert_gradient_matches,
    assert_matches,
    assert_raises,
    points,
    strategies,
)

PREDICTION = torch.tensor([1.0, 2.0, 3.0])


@points(0.5)
def test_l1_loss_of_three_numbers(losses):
    """The mean of |1 - 1|, |2 - 2| and |3 - 5| is 2/3; their sum is 2."""
    target = torch.tensor([1.0, 2.0, 5.0])
    assert_gives(losses.l1_loss, torch.tensor(2 / 3), PREDICTION, target)
    assert_gives(losses.l1_loss, torch.tensor(2.0), PREDICTION, target, reduction="sum")
    images = PREDICTION.reshape(1, 1, 1, 3), target.reshape(1, 1, 1, 3)
    assert_gives(losses.l1_loss, torch.tensor(2 / 3), *images)


@points(0.5)
@given(pair=strategies.pairs(), reduction=strategies.reductions())
def test_l1_loss_is_torchs(losses, pair, reduction):
    """l1_loss is torch's for every shape and reduction."""
    assert_matches(losses.l1_loss, F.l1_loss, *pair, reduction=reduction)


@points(0.5)
def test_mse_loss_of_three_numbers(losses):
    """The mean of 0, (2 - 3)² and (3 - 6)² is 10/3; that of 0, 0 and (3 - 5)² is 4/3."""
    target = torch.tensor([1.0, 3.0, 6.0])
    assert_gives(losses.mse_loss, torch.tensor(10 / 3), PREDICTION, target)
    assert_gives(losses.mse_loss, torch.tensor(10.0), PREDICTION, target, reduction="sum")
    target = torch.tensor([1.0, 2.0, 5.0])
    assert_gives(losses.mse_loss, torch.tensor(4 / 3), PREDICTION, target)
    assert_gives(losses.mse_loss, torch.tensor(4.0), PREDICTION, target, reduction="sum")


@points(0.5)
def test_mse_loss_refuses_unequal_shapes(losses):
    """A column against a row would broadcast to a square in silence: it raises ValueError."""
    assert_raises(ValueError, losses.mse_loss, torch.zeros(3, 1), torch.zeros(3))


@points(0.5)
def test_binary_cross_entropy_of_two_probabilities(losses):
    """A sure and right answer costs little, a sure and wrong one at most 100."""
    predicted, target = torch.tensor([0.5, 0.0]), torch.tensor([1.0, 1.0])
    expected = torch.tensor([0.6931472, 100.0])
    assert_gives(losses.binary_cross_entropy, expected, predicted, target, reduction="none")


@points(0.5)
def test_nll_loss_takes_the_targets_log_probability(losses):
    """The loss of one sample is minus its target's log-probability."""
    log_probabilities = torch.log(torch.tensor([[0.75, 0.25], [0.4, 0.6]]))
    expected = torch.tensor([1.3862944, 0.5108256])
    target = torch.tensor([1, 1])
    assert_gives(losses.nll_loss, expected, log_probabilities, target, reduction="none")


@points(0.5)
def test_cross_entropy_of_three_logits(losses):
    """The cross entropy of [0.1, 0.2, 0.3] with class 1 is 1.1019."""
    logits, target = torch.tensor([[0.1, 0.2, 0.3]]), torch.tensor([1])
    assert_gives(losses.cross_entropy, torch.tensor(1.1019428), logits, target)


@points(0.5)
@given(batch=strategies.classifications(single=True), reduction=strategies.reductions())
def test_cross_entropy_gradient_is_torchs(losses, batch, reduction):
    """cross_entropy and its gradient are torch's."""
    assert_gradient_matches(losses.cross_entropy, F.cross_entropy, *batch, reduction=reduction)
