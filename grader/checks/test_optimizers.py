"""Hidden checks of `optimizers`: each class against torch.optim's, step by step."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking import assert_matches, assert_raises, points, probes, strategies

ONE = [torch.tensor([1.0])]
TWO = [torch.tensor([1.0, -2.0]), torch.tensor([[0.5], [3.0]])]
ALIKE = [torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])]
RATES = st.sampled_from([0.1, 0.5, 0.01])
MANY_STEPS = [
    [torch.tensor([0.5, -1.0]) * (step % 3 - 1), torch.tensor([[2.0], [-0.25]]) / (step + 1)]
    for step in range(10)
]
SOME_MISSING = [
    [row[0], None if step in (0, 3, 4) else row[1]] for step, row in enumerate(MANY_STEPS)
]
ALIKE_STEPS = [[row[0], 1 - row[0]] for row in MANY_STEPS]
NAMES = "SGD Adam SparseAdam Adagrad Adadelta Adamax RMSprop Rprop ASGD LBFGS".split()


def same_steps(subject, reference, *run, **options):
    """Both optimizers take the parameters the same way."""
    assert_matches(subject, reference, *run, probe=probes.optimize, **options)


@st.composite
def sgd_options(draw):
    """Hyperparameters that torch's SGD accepts together."""
    momentum = draw(st.sampled_from([0.9, 0.5, 0.0]))
    nesterov = momentum > 0 and draw(st.booleans())
    dampening = 0.0 if nesterov else draw(st.sampled_from([0.0, 0.5]))
    decay = draw(st.sampled_from([0.0, 0.1]))
    named = {"momentum": momentum, "dampening": dampening, "weight_decay": decay}
    return {**named, "nesterov": True} if nesterov else named


@points(0.5)
@given(run=strategies.training_runs(), lr=RATES, decay=st.sampled_from([0.0, 0.1, 1.0]))
def test_sgd_plain_and_with_decay(optimizers, run, lr, decay):
    """SGD without momentum agrees with torch, with weight decay and without."""
    same_steps(optimizers.SGD, torch.optim.SGD, *run, lr=lr, weight_decay=decay)


@points(1)
@settings(max_examples=30)
@given(run=strategies.training_runs(steps=5), lr=RATES, options=sgd_options())
def test_sgd_momentum_dampening_nesterov(optimizers, run, lr, options):
    """SGD agrees with torch for every combination of its hyperparameters."""
    same_steps(optimizers.SGD, torch.optim.SGD, *run, lr=lr, **options)


@points(0.5)
def test_sgd_ten_steps_of_two_parameters(optimizers):
    """Ten steps of two parameters, one without a gradient now and then, end where torch's end."""
    for options in (
        {"momentum": 0.9, "weight_decay": 0.1},
        {"momentum": 0.9, "dampening": 0.5},
        {"momentum": 0.9, "nesterov": True},
    ):
        same_steps(optimizers.SGD, torch.optim.SGD, TWO, MANY_STEPS, lr=0.1, **options)
        same_steps(optimizers.SGD, torch.optim.SGD, TWO, SOME_MISSING, lr=0.1, **options)
        same_steps(optimizers.SGD, torch.optim.SGD, ALIKE, ALIKE_STEPS, lr=0.1, **options)


@points(0.5)
def test_sgd_keeps_its_own_buffer(optimizers):
    """Zeroing the gradient after a step does not empty the momentum buffer."""
    for options in ({"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}):
        run = TWO, MANY_STEPS
        same_steps(optimizers.SGD, torch.optim.SGD, *run, lr=0.1, zero_between=True, **options)


@points(0.25)
def test_sgd_takes_a_generator(optimizers):
    """The parameters may come as a generator, such as model.parameters()."""
    same_steps(optimizers.SGD, torch.optim.SGD, TWO, MANY_STEPS, lr=0.1, as_generator=True)


@points(0.5)
def test_sgd_zero_grad(optimizers):
    """zero_grad sets every gradient to None, with set_to_none=False to zeros."""
    for options in ({}, {"set_to_none": True}, {"set_to_none": False}):
        arguments = TWO, MANY_STEPS[0], options
        assert_matches(optimizers.SGD, torch.optim.SGD, *arguments, probe=probes.clear, lr=0.1)


@points(0.5)
def test_sgd_refuses_bad_hyperparameters(optimizers):
    """Negative settings, and nesterov without momentum or with dampening, raise ValueError."""
    for options in (
        {"lr": -0.1},
        {"lr": 0.1, "momentum": -0.5},
        {"lr": 0.1, "weight_decay": -0.1},
        {"lr": 0.1, "nesterov": True},
        {"lr": 0.1, "nesterov": True, "momentum": 0.9, "dampening": 0.5},
    ):
        assert_raises(ValueError, optimizers.SGD, ONE, [], probe=probes.optimize, **options)


@points(0.25)
def test_sgd_refuses_an_empty_list(optimizers):
    """An optimizer over no parameters raises ValueError."""
    assert_raises(ValueError, optimizers.SGD, [], [], probe=probes.optimize, lr=0.1)


@points(0.75)
@settings(max_examples=30)
@given(
    run=strategies.training_runs(steps=5),
    lr=RATES,
    betas=st.sampled_from([(0.9, 0.999), (0.5, 0.9), (0.0, 0.5)]),
    eps=st.sampled_from([1e-8, 0.5]),
    decay=st.sampled_from([0.0, 0.1]),
)
def test_adam_matches_torch(optimizers, run, lr, betas, eps, decay):
    """Adam agrees with torch for every combination of its hyperparameters."""
    named = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": decay}
    same_steps(optimizers.Adam, torch.optim.Adam, *run, **named)


@points(0.5)
def test_adam_ten_steps_of_two_parameters(optimizers):
    """Ten steps of two parameters, one without a gradient now and then, end where torch's end."""
    for options in ({"lr": 0.1}, {"lr": 0.1, "weight_decay": 0.1}, {}):
        same_steps(optimizers.Adam, torch.optim.Adam, TWO, MANY_STEPS, **options)
        same_steps(optimizers.Adam, torch.optim.Adam, TWO, SOME_MISSING, **options)
        same_steps(optimizers.Adam, torch.optim.Adam, ALIKE, ALIKE_STEPS, **options)


@points(0.25)
def test_adam_keeps_its_own_averages(optimizers):
    """Zeroing the gradient after a step leaves the averages as they are."""
    same_steps(optimizers.Adam, torch.optim.Adam, TWO, MANY_STEPS, lr=0.1, zero_between=True)


@points(0.25)
def test_adam_takes_a_generator(optimizers):
    """The parameters may come as a generator, such as model.parameters()."""
    same_steps(optimizers.Adam, torch.optim.Adam, TWO, MANY_STEPS, lr=0.1, as_generator=True)


@points(0.25)
def test_adam_zero_grad(optimizers):
    """zero_grad sets every gradient to None, with set_to_none=False to zeros."""
    for options in ({}, {"set_to_none": True}, {"set_to_none": False}):
        arguments = TWO, MANY_STEPS[0], options
        assert_matches(optimizers.Adam, torch.optim.Adam, *arguments, probe=probes.clear, lr=0.1)


@points(0.25)
def test_adam_refuses_bad_hyperparameters(optimizers):
    """Negative settings and betas outside [0, 1) raise ValueError."""
    for options in (
        {"lr": -0.1},
        {"eps": -1e-8},
        {"betas": (1.0, 0.9)},
        {"betas": (0.9, 1.0)},
        {"betas": (-0.1, 0.9)},
        {"weight_decay": -0.1},
    ):
        assert_raises(ValueError, optimizers.Adam, ONE, [], probe=probes.optimize, **options)


@points(0.25)
def test_adam_refuses_an_empty_list(optimizers):
    """An optimizer over no parameters raises ValueError."""
    assert_raises(ValueError, optimizers.Adam, [], [], probe=probes.optimize, lr=0.1)


def torchs_own(name, parameters, lr):
    """What make_optimizer is held against."""
    return getattr(torch.optim, name)(parameters, lr=lr)


@points(1)
def test_make_optimizer_makes_each_of_ten(optimizers):
    """Each of the ten names gives torch's own optimizer with the learning rate asked for."""
    for name in NAMES:
        for lr in (0.25, 0.75):
            arguments = name, TWO, MANY_STEPS[:2], lr
            subject = optimizers.make_optimizer
            assert_matches(subject, torchs_own, *arguments, probe=probes.choose)


@points(0.5)
def test_make_optimizer_refuses_other_names(optimizers):
    """A name that is none of the ten raises ValueError with a message that lists them."""
    for name in ("sgd", "Optimizer", "AdamW", "", "lr_scheduler"):
        arguments = name, ONE, [], 0.1
        options = {"probe": probes.choose, "mentions": NAMES}
        assert_raises(ValueError, optimizers.make_optimizer, *arguments, **options)
