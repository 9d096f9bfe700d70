"""What `training` must do, on a small network with given parameters and on small pictures."""

import torch

from grader.checking import assert_gives, points, probes

INPUTS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0], [-1.0, 0.5], [0.5, 2.0]])
TARGETS = torch.tensor([[1.0], [0.0], [2.0], [3.0], [-1.0], [0.5]])
CLASSES = torch.tensor([1, 0, 2, 1, 0, 0])
REGRESSION = "perceptron", INPUTS.double(), TARGETS.double(), {"name": "SGD", "lr": 0.05}
CLASSIFICATION = "perceptron", INPUTS.double(), CLASSES


@points(0.5)
def test_train_step_lowers_the_loss(training):
    """Three steps on one batch return the losses from before each step, as Python floats."""
    losses = [9.722647, 7.889781, 6.606449]
    assert_gives(training.train_step, losses, *REGRESSION, steps=3, probe=probes.step_losses)


@points(0.5)
def test_train_returns_one_loss_an_epoch(training):
    """Each entry is the sum of the losses of an epoch's batches: six samples, batches of four."""
    losses = [16.712127, 12.956480, 9.817810]
    assert_gives(training.train, losses, *REGRESSION, epochs=3, probe=probes.epoch_losses)


@points(0.5)
def test_train_learns_the_pictures(training, images):
    """Trained on small pictures, a linear model's loss falls and its accuracy leaves chance."""
    works = {
        "the loss falls in every epoch": True,
        "the test accuracy leaves the 10 % of chance": True,
    }
    assert_gives(training.train, works, *images, probe=probes.learns)


@points(0.5)
def test_evaluate_gives_mean_loss_and_accuracy(training):
    """Six samples in batches of four and two: both means are over the samples."""
    expected = [0.998199, 4 / 6]
    assert_gives(training.evaluate, expected, *CLASSIFICATION, probe=probes.run_evaluate)


@points(0.5)
def test_batch_losses_are_one_a_batch(training):
    """Six samples in batches of four give two losses."""
    options = {"with_device": False, "probe": probes.run_evaluate}
    assert_gives(training.batch_losses, [1.045018, 0.904561], *CLASSIFICATION, **options)


@points(0.5)
def test_lbfgs_step_returns_the_loss(training):
    """Two steps of LBFGS return the losses from before each."""
    run = "perceptron", INPUTS.double(), TARGETS.double(), {"lr": 0.5, "max_iter": 4}
    assert_gives(
        training.lbfgs_step, [9.722647, 1.393078], *run, steps=2, probe=probes.lbfgs_losses
    )
