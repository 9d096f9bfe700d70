"""What `optimizers` must do: one parameter of 1, gradients 1, 2 and 4, followed by hand."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.checking import assert_matches, assert_raises, points, probes, strategies

START = [torch.tensor([1.0])]
GRADIENTS = [[torch.tensor([1.0])], [torch.tensor([2.0])], [torch.tensor([4.0])]]


@points(0.5)
def test_sgd_descends(optimizers):
    """With lr 0.1 the parameter goes from 1 to 0.9, 0.7 and 0.3."""
    assert_matches(optimizers.SGD, torch.optim.SGD, START, GRADIENTS, probe=probes.optimize, lr=0.1)


@points(0.5)
def test_sgd_with_momentum(optimizers):
    """With momentum 0.9 the buffer is 1, 2.9, 6.61: the parameter 0.9, 0.61, -0.051."""
    assert_matches(
        optimizers.SGD,
        torch.optim.SGD,
        START,
        GRADIENTS,
        probe=probes.optimize,
        lr=0.1,
        momentum=0.9,
    )


@points(0.5)
@given(run=strategies.training_runs(missing=False), lr=st.sampled_from([0.5, 0.1, 0.0]))
def test_sgd_is_torchs(optimizers, run, lr):
    """Plain SGD is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.SGD, torch.optim.SGD, *run, probe=probes.optimize, lr=lr)


@points(0.5)
def test_sgd_clears_gradients(optimizers):
    """zero_grad() leaves None, zero_grad(set_to_none=False) zeros."""
    for options in ({}, {"set_to_none": False}):
        arguments = START, [torch.tensor([3.0])], options
        assert_matches(optimizers.SGD, torch.optim.SGD, *arguments, probe=probes.clear, lr=0.1)


@points(0.5)
def test_adam_takes_its_first_steps(optimizers):
    """Adam's first step is lr long, whatever the gradient's size."""
    assert_matches(
        optimizers.Adam, torch.optim.Adam, START, GRADIENTS, probe=probes.optimize, lr=0.1
    )


@points(0.5)
@given(run=strategies.training_runs(missing=False), lr=st.sampled_from([0.5, 0.1, 0.001]))
def test_adam_is_torchs(optimizers, run, lr):
    """Adam is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.Adam, torch.optim.Adam, *run, probe=probes.optimize, lr=lr)


@points(0.5)
def test_make_optimizer_makes_the_one_named(optimizers):
    """make_optimizer("Adam", params, 0.5) is torch's own Adam with that learning rate."""
    assert_matches(
        optimizers.make_optimizer,
        lambda name, parameters, lr: torch.optim.Adam(parameters, lr=lr),
        "Adam",
        START,
        GRADIENTS,
        0.5,
        probe=probes.choose,
    )


@points(0.5)
def test_make_optimizer_knows_what_it_does_not_know(optimizers):
    """An unknown name raises ValueError."""
    arguments = "Adamant", START, GRADIENTS, 0.5
    assert_raises(ValueError, optimizers.make_optimizer, *arguments, probe=probes.choose)
