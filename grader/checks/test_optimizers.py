"""Hidden checks of `optimizers`: each class against torch.optim's, step by step.

Weight decays are powers of two, so that grad + weight_decay · θ is exact in a first step: the sign
of a difference that is nothing but rounding would move some of these optimizers by a whole step.
"""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking import assert_matches, assert_raises, points, probes, strategies

ONE = [torch.tensor([1.0], dtype=torch.float64)]
TWO = [torch.tensor([1.0, -2.0]), torch.tensor([[0.5], [3.0]])]
ALIKE = [torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])]
# Ten steps: the signs stay and flip, and some gradients are 0.
FIRST = [(0.5, -1.0), (1.0, -0.5), (-0.5, 0.0), (-1.0, 0.25), (0.25, 0.5)] * 2
SECOND = [(2.0, -0.25), (1.0, 0.5), (-1.0, 0.5), (0.0, 2.0), (0.5, -1.0)] * 2
ALIKE_STEPS = [[torch.tensor(row) for row in rows] for rows in zip(FIRST, SECOND, strict=True)]
MANY_STEPS = [[first, second.reshape(2, 1)] for first, second in ALIKE_STEPS]
MISSING = {0: (1,), 2: (0,), 3: (1,), 4: (1,), 6: (0, 1), 7: (0,)}  # step: of which parameters
SOME_MISSING, ALIKE_MISSING = (
    [
        [None if which in MISSING.get(step, ()) else found for which, found in enumerate(row)]
        for step, row in enumerate(rows)
    ]
    for rows in (MANY_STEPS, ALIKE_STEPS)
)
NAMES = "SGD Adam SparseAdam Adagrad Adadelta Adamax RMSprop Rprop ASGD LBFGS".split()

RATES = [0.1, 0.5, 0.01]
BETAS = [(0.9, 0.999), (0.5, 0.9), (0.0, 0.5)]
DECAYS = [0.5, 0.25]

# What a drawn run sets each hyperparameter to; it may be left out.
DRAWN = {
    "Adam": {"lr": RATES, "betas": BETAS, "eps": [0.5], "weight_decay": DECAYS},
    "Adagrad": {
        "lr": RATES,
        "lr_decay": [0.5, 2.0],
        "weight_decay": DECAYS,
        "initial_accumulator_value": [1.0, 0.25],
        "eps": [0.5],
    },
    "RMSprop": {
        "lr": RATES,
        "alpha": [0.9, 0.5],
        "eps": [0.5],
        "weight_decay": DECAYS,
        "momentum": [0.9, 0.5],
        "centered": [True],
    },
    "Adadelta": {"lr": [0.5, 2.0], "rho": [0.5, 0.75], "eps": [0.5], "weight_decay": DECAYS},
    "Adamax": {"lr": RATES, "betas": BETAS, "eps": [0.5], "weight_decay": DECAYS},
    "Rprop": {
        "lr": [0.1, 0.5, 0.0],
        "etas": [(0.25, 1.5), (0.5, 3.0)],
        "step_sizes": [(0.2, 0.4), (0.05, 0.7)],
    },
    "ASGD": {  # torch keeps η in float32, also where the parameter is float64: a small lr
        "lr": [0.1, 0.2],
        "lambd": [0.5, 2.0],
        "alpha": [1.0, 0.5],
        "t0": [0, 1],
        "weight_decay": DECAYS,
    },
}

# What the runs of ten steps are made with.
TEN_STEPS = {
    "SGD": [
        {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.5},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.5},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ],
    "Adam": [{}, {"lr": 0.1, "betas": (0.5, 0.75), "eps": 0.5, "weight_decay": 0.5}],
    "Adagrad": [
        {"lr": 0.5, "lr_decay": 0.5},
        {"lr": 0.5, "weight_decay": 0.5, "initial_accumulator_value": 1.0, "eps": 0.5},
    ],
    "RMSprop": [
        {"lr": 0.1, "momentum": 0.5, "centered": True, "weight_decay": 0.5},
        {"lr": 0.1, "alpha": 0.5, "eps": 0.5},
    ],
    "Adadelta": [{}, {"lr": 0.5, "rho": 0.5, "eps": 0.5, "weight_decay": 0.5}],
    "Adamax": [{}, {"lr": 0.1, "betas": (0.5, 0.75), "eps": 0.5, "weight_decay": 0.5}],
    "Rprop": [{}, {"lr": 0.1, "etas": (0.25, 1.5), "step_sizes": (0.05, 0.2)}],
    "ASGD": [{"lr": 0.5, "lambd": 0.5, "t0": 2, "weight_decay": 0.5}, {"lr": 0.5, "alpha": 2.0}],
}

NEGATIVE = {"lr": -0.1}, {"weight_decay": -0.1}
BAD_BETAS = [{"betas": pair} for pair in [(1.0, 0.9), (0.9, 1.0), (-0.1, 0.9), (0.9, -0.1)]]
BAD_NESTEROV = {"nesterov": True}, {"nesterov": True, "momentum": 0.9, "dampening": 0.5}
BAD_ETAS = [{"etas": pair} for pair in [(0.0, 1.2), (1.0, 1.2), (0.5, 1.0), (1.2, 0.5)]]
BAD = {
    "SGD": [*NEGATIVE, {"momentum": -0.5}, *BAD_NESTEROV],
    "Adam": [*NEGATIVE, {"eps": -1e-8}, *BAD_BETAS],
    "Adagrad": [*NEGATIVE, {"eps": -0.1}, {"lr_decay": -0.1}, {"initial_accumulator_value": -0.1}],
    "RMSprop": [*NEGATIVE, {"eps": -1e-8}, {"alpha": -0.1}, {"momentum": -0.1}],
    "Adadelta": [*NEGATIVE, {"eps": -1e-8}, {"rho": -0.1}, {"rho": 1.1}],
    "Adamax": [*NEGATIVE, {"eps": -1e-8}, *BAD_BETAS],
    "Rprop": [{"lr": -0.1}, *BAD_ETAS],
    "ASGD": NEGATIVE,
}
ZEROS = {"lr": 0.0, "weight_decay": 0.0}
# On the edge of what is bad.
FINE = {
    "SGD": [{**ZEROS, "momentum": 0.0}],
    "Adam": [{"lr": 0.0}, {"betas": (0.0, 0.0), "eps": 0.0}],
    "Adagrad": [{**ZEROS, "lr_decay": 0.0}, {"initial_accumulator_value": 0.0, "eps": 0.0}],
    "RMSprop": [ZEROS, {"alpha": 0.0, "eps": 0.0, "momentum": 0.0}],
    "Adadelta": [ZEROS, {"rho": 0.0}, {"rho": 1.0}, {"eps": 0.0}],
    "Adamax": [ZEROS, {"betas": (0.0, 0.0), "eps": 0.0}],
    "Rprop": [{"lr": 0.0}, {"lr": 100.0}],
    "ASGD": [ZEROS],
}


@st.composite
def sgd_options(draw):
    """Hyperparameters that torch's SGD accepts together."""
    momentum = draw(st.sampled_from([0.9, 0.5, 0.0]))
    nesterov = momentum > 0 and draw(st.booleans())
    dampening = 0.0 if nesterov else draw(st.sampled_from([0.0, 0.5]))
    decay = draw(st.sampled_from([0.0, 0.5]))
    named = {"momentum": momentum, "dampening": dampening, "weight_decay": decay}
    return {**named, "nesterov": True} if nesterov else named


def same_steps(optimizers, name, parameters, gradients, **options):
    """The optimizer of that name takes the parameters where torch's takes them."""
    reference = getattr(torch.optim, name)
    asked = {"probe": probes.optimize, **options}
    assert_matches(getattr(optimizers, name), reference, parameters, gradients, **asked)


def start(drawn, parameters):
    """Other parameters of these shapes."""
    return [drawn.near(parameter) for parameter in parameters]


def other(drawn, rows):
    """Other gradients, of the same signs; what is 0 or missing stays so."""
    return [[None if found is None else drawn.scaled(found) for found in row] for row in rows]


# The checks that all classes have in common: each function below makes one of the class named.


def agreement(name, worth, examples):
    choices = {key: st.sampled_from(values) for key, values in DRAWN[name].items()}

    @points(worth)
    @settings(max_examples=examples)
    @given(
        run=strategies.training_runs(steps=3), options=st.fixed_dictionaries({}, optional=choices)
    )
    def check(optimizers, run, options):
        """Every combination of hyperparameters, left out or given, agrees with torch."""
        same_steps(optimizers, name, *run, **options)

    return check


def ten_steps(name, worth=0.25):
    @points(worth)
    def check(optimizers, drawn):
        """Ten steps of two parameters end where torch's end; some gradients are missing."""
        for options in TEN_STEPS[name]:
            missing, many = other(drawn, SOME_MISSING), other(drawn, MANY_STEPS[:4])
            same_steps(optimizers, name, start(drawn, TWO), missing, **options)
            same_steps(optimizers, name, start(drawn, TWO), many, zero_between=True, **options)
        missing = other(drawn, ALIKE_MISSING)
        same_steps(optimizers, name, start(drawn, ALIKE), missing, **TEN_STEPS[name][0])

    return check


def parameters(name):
    @points(0.25)
    def check(optimizers, drawn):
        """The parameters may come as a generator; where there are none, ValueError is raised."""
        options = TEN_STEPS[name][0]
        run = start(drawn, TWO), other(drawn, MANY_STEPS[:3])
        same_steps(optimizers, name, *run, as_generator=True, **options)
        empty = getattr(optimizers, name), [], []
        assert_raises(ValueError, *empty, probe=probes.optimize, lr=0.1)

    return check


def zero_grad(name):
    @points(0.25)
    def check(optimizers, drawn):
        """zero_grad sets every gradient to None, with set_to_none=False to zeros."""
        pair = getattr(optimizers, name), getattr(torch.optim, name)
        for options in ({}, {"set_to_none": True}, {"set_to_none": False}):
            for row in other(drawn, [MANY_STEPS[0], SOME_MISSING[0]]):
                two = start(drawn, TWO)
                assert_matches(*pair, two, row, options, probe=probes.clear, lr=0.1)

    return check


def bad_values(name):
    @points(0.25)
    def check(optimizers, drawn):
        """Bad hyperparameters raise ValueError, those that are just not bad do not."""
        for options in BAD[name]:
            asked = {"probe": probes.optimize, "lr": 0.1, **options}
            assert_raises(ValueError, getattr(optimizers, name), ONE, [], **asked)
        for options in FINE[name]:
            run = start(drawn, TWO), other(drawn, MANY_STEPS[:1])
            same_steps(optimizers, name, *run, **options)

    return check


@points(0.25)
@settings(max_examples=12)
@given(
    run=strategies.training_runs(),
    lr=st.sampled_from(RATES),
    decay=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_sgd_plain_and_with_decay(optimizers, run, lr, decay):
    """SGD without momentum agrees with torch, with weight decay and without."""
    same_steps(optimizers, "SGD", *run, lr=lr, weight_decay=decay)


@points(0.75)
@settings(max_examples=30)
@given(run=strategies.training_runs(steps=5), lr=st.sampled_from(RATES), options=sgd_options())
def test_sgd_momentum_dampening_nesterov(optimizers, run, lr, options):
    """SGD agrees with torch for every combination of its hyperparameters."""
    same_steps(optimizers, "SGD", *run, lr=lr, **options)


test_sgd_ten_steps = ten_steps("SGD", worth=0.5)
test_sgd_parameters = parameters("SGD")
test_sgd_zero_grad = zero_grad("SGD")
test_sgd_bad_values = bad_values("SGD")

test_adam_matches_torch = agreement("Adam", worth=0.75, examples=30)
test_adam_ten_steps = ten_steps("Adam", worth=0.5)
test_adam_parameters = parameters("Adam")
test_adam_zero_grad = zero_grad("Adam")
test_adam_bad_values = bad_values("Adam")

test_adagrad_matches_torch = agreement("Adagrad", worth=0.5, examples=20)
test_adagrad_ten_steps = ten_steps("Adagrad")
test_adagrad_parameters = parameters("Adagrad")
test_adagrad_zero_grad = zero_grad("Adagrad")
test_adagrad_bad_values = bad_values("Adagrad")

test_rmsprop_matches_torch = agreement("RMSprop", worth=0.5, examples=20)
test_rmsprop_ten_steps = ten_steps("RMSprop")
test_rmsprop_parameters = parameters("RMSprop")
test_rmsprop_zero_grad = zero_grad("RMSprop")
test_rmsprop_bad_values = bad_values("RMSprop")

test_adadelta_matches_torch = agreement("Adadelta", worth=0.5, examples=20)
test_adadelta_ten_steps = ten_steps("Adadelta")
test_adadelta_parameters = parameters("Adadelta")
test_adadelta_zero_grad = zero_grad("Adadelta")
test_adadelta_bad_values = bad_values("Adadelta")

test_adamax_matches_torch = agreement("Adamax", worth=0.5, examples=20)
test_adamax_ten_steps = ten_steps("Adamax")
test_adamax_parameters = parameters("Adamax")
test_adamax_zero_grad = zero_grad("Adamax")
test_adamax_bad_values = bad_values("Adamax")

test_rprop_matches_torch = agreement("Rprop", worth=0.5, examples=20)
test_rprop_ten_steps = ten_steps("Rprop")
test_rprop_parameters = parameters("Rprop")
test_rprop_zero_grad = zero_grad("Rprop")
test_rprop_bad_values = bad_values("Rprop")

test_asgd_matches_torch = agreement("ASGD", worth=0.5, examples=20)
test_asgd_ten_steps = ten_steps("ASGD")
test_asgd_parameters = parameters("ASGD")
test_asgd_zero_grad = zero_grad("ASGD")
test_asgd_bad_values = bad_values("ASGD")


def torchs_own(name, parameters, lr):
    """What make_optimizer is held against."""
    return getattr(torch.optim, name)(parameters, lr=lr)


@points(0.75)
def test_make_optimizer_makes_each_of_ten(optimizers, drawn):
    """Each of the ten names gives torch's own optimizer with the learning rate asked for."""
    for name in NAMES:
        for lr in (drawn.integer(1, 31) / 64, drawn.integer(33, 63) / 64):
            arguments = name, start(drawn, TWO), other(drawn, MANY_STEPS[:2]), lr
            subject = optimizers.make_optimizer
            assert_matches(subject, torchs_own, *arguments, probe=probes.choose)


@points(0.25)
def test_make_optimizer_refuses_other_names(optimizers):
    """A name that is none of the ten raises ValueError with a message that lists them."""
    for name in ("sgd", "Optimizer", "AdamW", "", "lr_scheduler"):
        arguments = name, ONE, [], 0.1
        options = {"probe": probes.choose, "mentions": NAMES}
        assert_raises(ValueError, optimizers.make_optimizer, *arguments, **options)
