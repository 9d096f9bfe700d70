"""What `optimizers` must do: one parameter of 1 and a few gradients, followed by hand."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking import assert_gives, assert_matches, assert_raises, points, probes, strategies

START = [torch.tensor([1.0])]
GRADIENTS = [[torch.tensor([1.0])], [torch.tensor([2.0])], [torch.tensor([4.0])]]
RUNS = strategies.training_runs(steps=3, missing=False)
RATES = st.sampled_from([0.1, 0.5, 0.01])


def assert_goes(optimizer, gradients, positions, **hyperparameters):
    """With these gradients, one a step, a parameter that begins at 1 goes to these positions."""
    steps, expected = (
        [[torch.tensor([number])] for number in row] for row in (gradients, positions)
    )
    assert_gives(optimizer, expected, START, steps, probe=probes.optimize, **hyperparameters)


@points(0.25)
def test_sgd_descends(optimizers):
    """With lr 0.1 and gradients 1, 2 and 4 the parameter goes from 1 to 0.9, 0.7 and 0.3."""
    assert_goes(optimizers.SGD, [1.0, 2.0, 4.0], [0.9, 0.7, 0.3], lr=0.1)


@points(0.5)
def test_sgd_with_momentum(optimizers):
    """With momentum 0.9 the buffer is 1, 2.9, 6.61: the parameter 0.9, 0.61, -0.051."""
    assert_goes(optimizers.SGD, [1.0, 2.0, 4.0], [0.9, 0.61, -0.051], lr=0.1, momentum=0.9)


@points(0.25)
@settings(max_examples=10)
@given(run=RUNS, lr=RATES)
def test_sgd_is_torchs(optimizers, run, lr):
    """Plain SGD is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.SGD, torch.optim.SGD, *run, probe=probes.optimize, lr=lr)


@points(0.25)
def test_sgd_clears_gradients(optimizers):
    """zero_grad() leaves None, zero_grad(set_to_none=False) zeros."""
    for options in ({}, {"set_to_none": False}):
        arguments = START, [torch.tensor([3.0])], options
        assert_matches(optimizers.SGD, torch.optim.SGD, *arguments, probe=probes.clear, lr=0.1)


@points(0.5)
def test_adam_takes_its_first_steps(optimizers):
    """Adam's first step is lr long, whatever the gradient's size."""
    for size in (1.0, 1000.0):
        assert_goes(optimizers.Adam, [size], [0.9], lr=0.1)
    assert_matches(
        optimizers.Adam, torch.optim.Adam, START, GRADIENTS, probe=probes.optimize, lr=0.1
    )


@points(0.5)
@settings(max_examples=10)
@given(run=RUNS, lr=RATES)
def test_adam_is_torchs(optimizers, run, lr):
    """Adam is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.Adam, torch.optim.Adam, *run, probe=probes.optimize, lr=lr)


@points(0.25)
def test_adagrad_divides_by_the_root_of_the_sum(optimizers):
    """Gradients 3 and 4: the squares sum to 9 and 25, so the steps are 0.5 · 3/3 and 0.5 · 4/5."""
    assert_goes(optimizers.Adagrad, [3.0, 4.0], [0.5, 0.1], lr=0.5)


@points(0.25)
@settings(max_examples=10)
@given(run=RUNS, lr=RATES)
def test_adagrad_is_torchs(optimizers, run, lr):
    """Adagrad is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.Adagrad, torch.optim.Adagrad, *run, probe=probes.optimize, lr=lr)


@points(0.25)
def test_rmsprop_divides_by_the_root_of_the_mean(optimizers):
    """With alpha 0.75 and gradients 1 and 0.5 the mean square is 1/4 both times, its root 1/2."""
    assert_goes(optimizers.RMSprop, [1.0, 0.5], [0.8, 0.7], lr=0.1, alpha=0.75)


@points(0.25)
@settings(max_examples=10)
@given(run=RUNS, lr=RATES)
def test_rmsprop_is_torchs(optimizers, run, lr):
    """RMSprop is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.RMSprop, torch.optim.RMSprop, *run, probe=probes.optimize, lr=lr)


@points(0.25)
def test_adadelta_moves_by_a_ratio_of_roots(optimizers):
    """With rho 0.75, eps 0.25 and gradient 0.75 the ratio is 0.5/0.625, and the move 0.6."""
    assert_goes(optimizers.Adadelta, [0.75], [0.4], rho=0.75, eps=0.25)
    assert_goes(optimizers.Adadelta, [0.75], [0.7], rho=0.75, eps=0.25, lr=0.5)


@points(0.25)
@settings(max_examples=10)
@given(run=RUNS, lr=RATES)
def test_adadelta_is_torchs(optimizers, run, lr):
    """Adadelta is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.Adadelta, torch.optim.Adadelta, *run, probe=probes.optimize, lr=lr)


@points(0.25)
def test_adamax_divides_by_the_largest_of_late(optimizers):
    """Gradients 4 and 1, both betas 0.5: the mean is 4 and 2, the largest 4 and 2 (half of 4)."""
    assert_goes(optimizers.Adamax, [4.0, 1.0], [0.9, 0.8], lr=0.1, betas=(0.5, 0.5))


@points(0.25)
@settings(max_examples=10)
@given(run=RUNS, lr=RATES)
def test_adamax_is_torchs(optimizers, run, lr):
    """Adamax is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.Adamax, torch.optim.Adamax, *run, probe=probes.optimize, lr=lr)


@points(0.25)
def test_rprop_shrinks_where_the_sign_flips(optimizers):
    """Steps of 0.1, of 0.12 (the sign stayed), of 0 (it flipped), and of 0.06, half of 0.12."""
    positions = [0.9, 0.78, 0.78, 0.84]
    assert_goes(optimizers.Rprop, [1.0, 2.0, -1.0, -1.0], positions, lr=0.1)


@points(0.25)
@settings(max_examples=10)
@given(run=RUNS, lr=RATES)
def test_rprop_is_torchs(optimizers, run, lr):
    """Rprop is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.Rprop, torch.optim.Rprop, *run, probe=probes.optimize, lr=lr)


@points(0.25)
def test_asgd_fades_and_slows_down(optimizers):
    """With lr 0.5, lambd 2 and alpha 1, η is 0.5 and then 0.25; 1 − 2 · η is 0 and then 0.5."""
    options = {"lr": 0.5, "lambd": 2.0, "alpha": 1.0}
    assert_goes(optimizers.ASGD, [1.0, -1.0], [-0.5, 0.0], **options)


@points(0.25)
@settings(max_examples=10)
@given(run=RUNS, lr=st.sampled_from([0.1, 0.2, 0.01]))
def test_asgd_is_torchs(optimizers, run, lr):
    """ASGD is torch's for every parameter and any number of steps."""
    assert_matches(optimizers.ASGD, torch.optim.ASGD, *run, probe=probes.optimize, lr=lr)


@points(0.25)
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


@points(0.25)
def test_make_optimizer_knows_what_it_does_not_know(optimizers):
    """An unknown name raises ValueError."""
    arguments = "Adamant", START, GRADIENTS, 0.5
    assert_raises(ValueError, optimizers.make_optimizer, *arguments, probe=probes.choose)
