"""Hidden checks of `training`: each function against the plain loop of torch's tutorials."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checking import assert_matches, points, probes, strategies

DOUBLE = torch.float64
INPUTS = torch.tensor(
    [[1.0, 2.0], [-1.0, 0.5], [0.0, -2.0], [2.0, 1.0], [-0.5, -1.0], [1.5, 0.0]], dtype=DOUBLE
)
TARGETS = torch.tensor([[1.0], [-1.0], [0.5], [2.0], [0.0], [-2.0]], dtype=DOUBLE)
CLASSES = torch.tensor([0, 1, 2, 0, 2, 1])
OPTIMIZERS = st.sampled_from(
    [
        {"name": "SGD", "lr": 0.1},
        {"name": "SGD", "lr": 0.05, "momentum": 0.9},
        {"name": "Adam", "lr": 0.1},
        {"name": "ClosurelessSGD", "lr": 0.1},
    ]
)
GRIDS = INPUTS[:4, :2].unsqueeze(1) * INPUTS[:4, :2].unsqueeze(2)  # (4, 2, 2)
NEARBY = strategies.tensors(INPUTS.shape, DOUBLE, -0.5, 0.5).map(lambda off: INPUTS + off)
SEEDS = st.integers(10, 2**31 - 1)
MOMENTUM = {"name": "SGD", "lr": 0.05, "momentum": 0.9}


def one_step(model, inputs, targets, loss_fn, optimizer):
    """A training step."""
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


def plain_loop(model, loader, loss_fn, optimizer, epochs, device="cpu"):
    """A training loop."""
    model.to(device)
    model.train()
    history = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            total += one_step(model, inputs.to(device), targets.to(device), loss_fn, optimizer)
        history.append(total)
    return history


def plain_batches(model, loader, loss_fn, device="cpu"):
    """For each batch its loss, the number of right answers and its size; modes are restored."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    found = []
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs.to(device))
            right = (logits.argmax(dim=1) == targets.to(device)).sum().item()
            found.append((loss_fn(logits, targets.to(device)).item(), right, len(targets)))
    for module, training in modes:
        module.training = training
    return found


def plain_evaluation(model, loader, loss_fn, device="cpu"):
    """Mean loss and accuracy over the samples."""
    found = plain_batches(model.to(device), loader, loss_fn, device)
    samples = sum(size for _, _, size in found)
    mean = sum(loss * size for loss, _, size in found) / samples
    return mean, sum(right for _, right, _ in found) / samples


def plain_batch_losses(model, loader, loss_fn):
    """One loss a batch."""
    return [loss for loss, _, _ in plain_batches(model, loader, loss_fn)]


def plain_lbfgs(model, inputs, targets, loss_fn, optimizer):
    """A step with a closure."""

    def closure():
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return optimizer.step(closure).item()


@st.composite
def regressions(draw):
    """Inputs (N, D) and targets (N, 1)."""
    dtype = draw(strategies.dtypes())
    shape = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    inputs = draw(strategies.tensors(shape, dtype))
    return inputs, draw(strategies.tensors((shape[0], 1), dtype))


@points(0.75)
@settings(max_examples=15)
@given(batch=regressions(), optimizer=OPTIMIZERS, steps=st.integers(1, 3))
def test_train_step_matches_the_plain_step(training, batch, optimizer, steps):
    """After some steps the losses and the parameters are those of the plain step."""
    run = "perceptron", *batch, optimizer
    assert_matches(training.train_step, one_step, *run, probe=probes.run_train_step, steps=steps)


@points(0.5)
def test_train_step_leaves_the_mode(training, drawn):
    """The model is used in the mode in which it comes, training or evaluation."""
    for mode in (True, False):
        for mixed in (False, True):
            run = "moody", drawn.near(INPUTS), TARGETS, MOMENTUM
            options = {"steps": 2, "training": mode, "mixed": mixed, "probe": probes.run_train_step}
            assert_matches(training.train_step, one_step, *run, **options)


@points(0.25)
def test_train_step_with_classes(training, drawn):
    """A step of a classifier, also with an optimizer whose step takes no closure."""
    for optimizer in ({"name": "Adam", "lr": 0.5}, {"name": "ClosurelessSGD", "lr": 0.5}):
        run = "perceptron", drawn.near(INPUTS), CLASSES, optimizer
        options = {"steps": 3, "outputs": 3, "loss": "cross_entropy"}
        assert_matches(training.train_step, one_step, *run, probe=probes.run_train_step, **options)
    run = "grid", drawn.near(GRIDS), TARGETS[:4], MOMENTUM
    assert_matches(training.train_step, one_step, *run, probe=probes.run_train_step, steps=2)


@points(0.75)
@settings(max_examples=10)
@given(
    batch_size=st.integers(1, 6),
    epochs=st.integers(1, 3),
    optimizer=OPTIMIZERS,
    listed=st.booleans(),
    inputs=NEARBY,
)
def test_train_matches_the_plain_loop(training, batch_size, epochs, optimizer, listed, inputs):
    """Every batch of every epoch counts, the last smaller one too; losses are summed by epoch."""
    options = {"batch_size": batch_size, "epochs": epochs, "shuffle": False, "listed": listed}
    run = "perceptron", inputs, TARGETS, optimizer
    assert_matches(training.train, plain_loop, *run, probe=probes.run_train, **options)


@points(0.5)
def test_train_draws_nothing_of_its_own(training, drawn):
    """With a shuffling loader and a fixed seed the parameters end where the plain loop ends."""
    run = "moody", drawn.near(INPUTS), TARGETS, MOMENTUM
    assert_matches(training.train, plain_loop, *run, probe=probes.run_train, epochs=3)


@points(0.5)
def test_train_uses_training_mode(training, drawn):
    """A model that arrives in evaluation mode is trained in training mode."""
    run = "moody", drawn.near(INPUTS), CLASSES, MOMENTUM
    options = {"epochs": 2, "outputs": 3, "loss": "cross_entropy", "shuffle": False}
    assert_matches(training.train, plain_loop, *run, probe=probes.run_train, **options)


@points(0.5)
def test_train_moves_model_and_batches(training):
    """Model and batches are moved to the device that is asked for."""
    run = "perceptron", INPUTS, TARGETS, MOMENTUM
    assert_matches(training.train, plain_loop, *run, probe=probes.run_train, on="meta")


@points(0.25)
def test_train_brings_the_loss_down(training, images, drawn):
    """On small pictures the loss falls over the epochs and the accuracy leaves chance."""
    options = {"epochs": 5, "lr": 0.25, "batch_size": 48, "seed": drawn.seed()}
    assert_matches(training.train, plain_loop, *images, probe=probes.learn, **options)


@points(0.75)
@settings(max_examples=10)
@given(batch_size=st.integers(1, 6), drop_last=st.booleans(), seed=SEEDS)
def test_evaluate_is_a_mean_over_samples(training, batch_size, drop_last, seed):
    """Loss and accuracy are means over the samples that the loader gave."""
    options = {"batch_size": batch_size, "drop_last": drop_last, "seed": seed}
    run = "perceptron", INPUTS, CLASSES
    assert_matches(training.evaluate, plain_evaluation, *run, probe=probes.run_evaluate, **options)


@points(0.75)
def test_evaluate_leaves_everything_as_it_was(training, drawn):
    """Evaluation mode and no graph meanwhile; modes, buffers, grads and grad mode as before."""
    for grad_enabled in (True, False):
        run = "moody", drawn.near(INPUTS), CLASSES
        options = {"grad_enabled": grad_enabled, "training": grad_enabled}
        assert_matches(
            training.evaluate, plain_evaluation, *run, probe=probes.run_evaluate, **options
        )


@points(0.25)
def test_evaluate_takes_any_loader(training, drawn):
    """A loader is only something that gives batches: a list of them is one."""
    options = {"with_device": False, "listed": True, "probe": probes.run_evaluate}
    for run in (("perceptron", drawn.near(INPUTS), CLASSES), ("grid", GRIDS, CLASSES[:4])):
        assert_matches(training.evaluate, plain_evaluation, *run, seed=drawn.seed(), **options)


@points(0.25)
def test_evaluate_moves_model_and_batches(training):
    """Model and batches are moved to the device that is asked for."""
    run = "perceptron", INPUTS, CLASSES
    assert_matches(training.evaluate, plain_evaluation, *run, probe=probes.run_evaluate, on="meta")


@points(0.5)
@settings(max_examples=10)
@given(batch_size=st.integers(1, 6), listed=st.booleans(), inputs=NEARBY)
def test_batch_losses_one_for_each_batch(training, batch_size, listed, inputs):
    """One loss a batch, in the loader's order, the last smaller batch too."""
    run = "perceptron", inputs, CLASSES
    options = {"batch_size": batch_size, "with_device": False, "listed": listed}
    assert_matches(
        training.batch_losses, plain_batch_losses, *run, probe=probes.run_evaluate, **options
    )


@points(0.5)
def test_batch_losses_leave_everything_as_it_was(training, drawn):
    """Evaluation mode and no graph meanwhile; modes, buffers and grads as before."""
    for grad_enabled in (True, False):
        run = "moody", drawn.near(INPUTS), CLASSES
        options = {"with_device": False, "grad_enabled": grad_enabled, "training": grad_enabled}
        assert_matches(
            training.batch_losses, plain_batch_losses, *run, probe=probes.run_evaluate, **options
        )
    run = "grid", drawn.near(GRIDS), CLASSES[:4]
    options = {"with_device": False, "probe": probes.run_evaluate}
    assert_matches(training.batch_losses, plain_batch_losses, *run, **options)


@points(0.5)
@settings(max_examples=10)
@given(
    lr=st.sampled_from([1.0, 0.1]),
    max_iter=st.integers(1, 4),
    steps=st.integers(1, 3),
    inputs=NEARBY,
)
def test_lbfgs_step_matches_torch(training, lr, max_iter, steps, inputs):
    """LBFGS steps end where they end with the plain closure; the first loss is returned."""
    run = "perceptron", inputs, TARGETS, {"lr": lr, "max_iter": max_iter}
    assert_matches(training.lbfgs_step, plain_lbfgs, *run, probe=probes.run_lbfgs, steps=steps)


@points(0.25)
def test_lbfgs_step_with_line_search(training, drawn):
    """A line search calls the closure many times: each call clears, computes, backpropagates."""
    settings_ = {"lr": 1.0, "max_iter": 5, "line_search_fn": "strong_wolfe"}
    moody, grid = ("moody", drawn.near(INPUTS), TARGETS), ("grid", GRIDS, TARGETS[:4])
    for run in (("perceptron", drawn.near(INPUTS), TARGETS), moody, grid):
        options = {"probe": probes.run_lbfgs, "steps": 2}
        assert_matches(training.lbfgs_step, plain_lbfgs, *run, settings_, **options)


@points(0.25)
def test_lbfgs_step_takes_any_loss(training, drawn):
    """The loss function is the one that is given."""
    run = "perceptron", drawn.near(INPUTS), CLASSES, {"lr": 0.5, "max_iter": 3}
    options = {"probe": probes.run_lbfgs, "outputs": 3, "loss": "cross_entropy"}
    assert_matches(training.lbfgs_step, plain_lbfgs, *run, **options)
