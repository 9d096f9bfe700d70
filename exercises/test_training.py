"""What `training` must do, on a small network with given parameters and on small pictures."""

import torch

from grader.checking import assert_gives, points, probes

INPUTS = torch.tensor([[2.0], [1.0], [-1.0]], dtype=torch.float64)
TARGETS = torch.tensor([[3.0], [1.0], [-1.0]], dtype=torch.float64)
CLASSES = torch.tensor([1, 1, 0])
SLOWLY = {"name": "SGD", "lr": 0.05}


@points(0.5)
def test_train_step_lowers_the_loss(training):
    """Three steps on one batch return the losses from before each step, as Python floats."""
    losses = [23.664531, 9.481512, 4.319257]
    run = "perceptron", INPUTS[:2], TARGETS[:2], SLOWLY
    assert_gives(training.train_step, losses, *run, steps=3, probe=probes.step_losses)


@points(0.5)
def test_train_returns_one_loss_an_epoch(training):
    """Each entry is the sum of the losses of an epoch's batches: three samples, batches of two."""
    losses = [25.588542, 9.676165, 3.809205]
    run = {"epochs": 3, "batch_size": 2, "probe": probes.epoch_losses}
    assert_gives(training.train, losses, "perceptron", INPUTS, TARGETS, SLOWLY, **run)


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
    """Three samples in batches of two and one: both means are over the samples."""
    options = {"batch_size": 2, "probe": probes.run_evaluate}
    expected = [1.159434, 2 / 3]
    assert_gives(training.evaluate, expected, "perceptron", INPUTS, CLASSES, **options)


@points(0.5)
def test_batch_losses_are_one_a_batch(training):
    """Three samples in batches of two give two losses."""
    options = {"batch_size": 2, "with_device": False, "probe": probes.run_evaluate}
    expected = [0.968623, 1.541056]
    assert_gives(training.batch_losses, expected, "perceptron", INPUTS, CLASSES, **options)


@points(0.5)
def test_lbfgs_step_returns_the_loss(training):
    """Two steps of LBFGS return the losses from before each."""
    run = "perceptron", INPUTS[:2], TARGETS[:2], {"lr": 0.5, "max_iter": 4}
    losses = [23.664531, 2.241732]
    assert_gives(training.lbfgs_step, losses, *run, steps=2, probe=probes.lbfgs_losses)
