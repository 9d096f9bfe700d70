"""Every misconception of `training` differs from a plain loop where its mistake shows."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
import torch
from observing import Case, Examination
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

SAMPLES = torch.linspace(-3, 3, 30).sin().reshape(10, 3)
CLASSES = torch.tensor([0, 1, 3, 2, 1, 0, 3, 3, 2, 1])
VALUES = torch.linspace(0.1, 0.9, 10).reshape(10, 1)
cross_entropy, mse = nn.CrossEntropyLoss(), nn.MSELoss()


def right_step(model: Any, inputs: Any, targets: Any, loss_fn: Any, optimizer: Any) -> float:
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss.item())


def right_lbfgs_step(model: Any, inputs: Any, targets: Any, loss_fn: Any, optimizer: Any) -> float:
    def closure() -> Tensor:
        optimizer.zero_grad()
        loss: Tensor = loss_fn(model(inputs), targets)
        loss.backward()
        return loss

    return float(optimizer.step(closure).item())


def right_train(
    model: Any, loader: Any, loss_fn: Any, optimizer: Any, epochs: int, device: Any = "cpu"
) -> list[float]:
    model.to(device).train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in loader:
            batch = inputs.to(device), targets.to(device)
            total += right_step(model, *batch, loss_fn, optimizer)
        losses.append(total)
    return losses


def evaluated(model: nn.Module, batch_results: Callable[[], Any]) -> Any:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        results = batch_results()
    for module, mode in modes:
        module.training = mode
    return results


def right_evaluate(
    model: Any, loader: Any, loss_fn: Any, device: Any = "cpu"
) -> tuple[float, float]:
    def results() -> tuple[float, float]:
        total, correct, count = 0.0, 0, 0
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            outputs = model(inputs)
            total += float(loss_fn(outputs, targets).item()) * len(targets)
            correct += int((outputs.argmax(1) == targets).sum())
            count += len(targets)
        return total / count, correct / count

    result: tuple[float, float] = evaluated(model.to(device), results)
    return result


def right_batch_losses(model: Any, loader: Any, loss_fn: Any) -> list[float]:
    result: list[float] = evaluated(
        model, lambda: [float(loss_fn(model(inputs), targets).item()) for inputs, targets in loader]
    )
    return result


class Recorder(nn.Module):
    """Notes where its inputs lie and whether a graph is built; its output is always on the CPU."""

    def __init__(self, outputs: int = 4) -> None:
        super().__init__()
        self.linear = nn.Linear(3, outputs)
        self.seen: list[Any] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append((x.device.type, self.linear.weight.device.type, torch.is_grad_enabled()))
        return torch.zeros(len(x), 4).requires_grad_()


def classifier(frozen_dropout: bool = False) -> nn.Module:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 4))
    if frozen_dropout:
        model[2].eval()
    return model


def plain(outputs: int = 4) -> nn.Module:
    torch.manual_seed(3)
    return nn.Linear(3, outputs)


def loader(batch_size: int, shuffle: bool = False, samples: int = 10) -> Any:
    dataset = TensorDataset(SAMPLES[:samples], CLASSES[:samples])
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def state(model: nn.Module) -> list[Any]:
    """Parameters, buffers, gradients, the mode of every submodule, and torch's grad mode."""
    return [
        [one.detach().clone() for one in model.state_dict().values()],
        [None if one.grad is None else one.grad.clone() for one in model.parameters()],
        [module.training for module in model.modules()],
        torch.is_grad_enabled(),
    ]


def sgd(model: nn.Module, **options: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), **{"lr": 0.1, **options})


def steps(
    model: Callable[[], nn.Module] = plain,
    targets: Tensor = CLASSES,
    loss_fn: Any = cross_entropy,
    optimizer_for: Callable[[nn.Module], Any] = sgd,
    training: bool = True,
    left_over: bool = False,
) -> Case:
    """Two steps on one batch."""

    def case(step: Any) -> Any:
        network = model().train(training)
        if left_over:
            network(SAMPLES).sum().backward()
        optimizer = optimizer_for(network)
        seen: list[Any] = []
        for _ in range(2):
            seen.append(step(network, SAMPLES, targets, loss_fn, optimizer))
            seen += [one.detach().clone() for one in network.parameters()]
            seen.append([module.training for module in network.modules()])
        return seen

    return case


class WithoutClosure(torch.optim.SGD):
    def step(self) -> None:  # type: ignore[override]
        super().step()


def training(
    model: Callable[[], nn.Module] = plain,
    batches: Callable[[], Iterable[Any]] = lambda: loader(4),
    loss_fn: Any = cross_entropy,
    in_training: bool = True,
    epochs: int = 2,
    left_over: bool = False,
    **options: Any,
) -> Case:
    def case(train: Any) -> Any:
        network = model().train(in_training)
        if left_over:
            network(SAMPLES).sum().backward()
        given = batches()
        torch.manual_seed(5)
        losses = train(network, given, loss_fn, sgd(network, **options), epochs)
        return [losses, *state(network)[::2], torch.get_rng_state()]

    return case


def weighted_squares(prediction: Tensor, target: Tensor) -> Tensor:
    return (target * (prediction - target) ** 2).mean()


def value_batches() -> Sequence[Any]:
    return [(SAMPLES[:4], VALUES[:4]), (SAMPLES[4:], VALUES[4:])]


class Whereabouts:
    """A loss that notes where its arguments lie."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, outputs: Tensor, targets: Tensor) -> Tensor:
        self.seen.append(targets.device.type)
        return (outputs * 0).sum() + 1.0


def elsewhere(trains: bool) -> Case:
    """Train or evaluate on the meta device: only where the tensors lie is seen."""

    def case(function: Any) -> Any:
        model, loss_fn = Recorder(), Whereabouts()
        extra = [sgd(model), 1] if trains else []
        try:
            function(model, loader(4), loss_fn, *extra, device="meta")
        except (RuntimeError, NotImplementedError):
            pass  # a label on the meta device cannot be compared with a prediction
        return [model.seen, loss_fn.seen]

    return case


def evaluation(
    model: Callable[[], nn.Module] = plain,
    batches: Callable[[], Iterable[Any]] = lambda: loader(4),
    in_training: bool = True,
    frozen_dropout: bool = False,
    grad_mode: bool = True,
) -> Case:
    """The result, and all that must stay as it was."""

    def case(evaluate: Any) -> Any:
        network = model().train(in_training)
        if frozen_dropout:
            network[2].eval()
        for one in network.parameters():
            one.grad = torch.full_like(one, 0.25)
        torch.set_grad_enabled(grad_mode)
        result = evaluate(network, batches(), cross_entropy)
        return [result, *state(network), getattr(network, "seen", None)]

    return case


STEP: dict[str, Case] = {
    "classes": steps(),
    "old gradients": steps(left_over=True),
    "values": steps(lambda: plain(1), VALUES, mse),
    "lopsided loss": steps(lambda: plain(1), VALUES, weighted_squares),
    "evaluation mode": steps(classifier, training=False),
    "a step without closure": steps(
        optimizer_for=lambda model: WithoutClosure(model.parameters(), lr=0.1)
    ),
}
TRAIN: dict[str, Case] = {
    "even batches": training(batches=lambda: loader(5)),
    "one epoch": training(epochs=1, batches=lambda: loader(5)),
    "one batch": training(batches=lambda: loader(10)),
    "ragged batches": training(),
    "old gradients": training(left_over=True),
    "shuffled": training(batches=lambda: loader(4, shuffle=True)),
    "momentum": training(momentum=0.9),
    "lopsided loss": training(lambda: plain(1), value_batches, weighted_squares),
    "dropout, evaluation mode": training(classifier, in_training=False),
    "meta": elsewhere(trains=True),
}
EVALUATE: dict[str, Case] = {
    "even batches": evaluation(batches=lambda: loader(5)),
    "one batch": evaluation(batches=lambda: loader(10)),
    "ragged batches": evaluation(),
    "four of four classes": evaluation(batches=lambda: loader(4, samples=4)),
    "last batch dropped": evaluation(
        batches=lambda: DataLoader(TensorDataset(SAMPLES, CLASSES), batch_size=4, drop_last=True)
    ),
    "dropout, training mode": evaluation(classifier),
    "evaluation mode": evaluation(classifier, in_training=False),
    "frozen dropout": evaluation(classifier, frozen_dropout=True),
    "gradients off": evaluation(grad_mode=False),
    "grad mode inside": evaluation(Recorder),
}


def lbfgs(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=5)


RIGHT = {
    "train_step": right_step,
    "lbfgs_step": right_lbfgs_step,
    "train": right_train,
    "evaluate": right_evaluate,
    "batch_losses": right_batch_losses,
}
CASES = {
    "train_step": STEP,
    "lbfgs_step": {
        "classes": steps(optimizer_for=lbfgs),
        "old gradients": steps(optimizer_for=lbfgs, left_over=True),
    },
    "train": TRAIN,
    "evaluate": {**EVALUATE, "meta": elsewhere(trains=False)},
    "batch_losses": EVALUATE,
}


@pytest.fixture(scope="module")
def examination() -> Examination:
    return Examination("training", RIGHT, CASES)


# misconception: the case of its function in which it shows
SHOWS = {
    "step_never_clears": "classes",
    "step_clears_after_backward": "classes",
    "step_clears_only_at_the_end": "old gradients",
    "step_before_backward": "classes",
    "step_returns_the_loss_after": "classes",
    "step_returns_a_tensor": "classes",
    "step_swaps_the_arguments": "lopsided loss",
    "step_squeezes_the_prediction": "values",
    "step_switches_to_training": "evaluation mode",
    "step_with_a_closure": "a step without closure",
    "lbfgs_never_clears": "old gradients",
    "lbfgs_clears_once": "classes",
    "lbfgs_backpropagates_once": "classes",
    "lbfgs_without_a_closure": "classes",
    "lbfgs_returns_the_loss_after": "classes",
    "lbfgs_returns_the_last_closure": "classes",
    "lbfgs_returns_a_tensor": "classes",
    "train_never_clears": "ragged batches",
    "train_clears_once": "ragged batches",
    "train_clears_once_an_epoch": "ragged batches",
    "train_steps_once_an_epoch": "ragged batches",
    "train_clears_after_backward": "ragged batches",
    "train_records_after_the_step": "ragged batches",
    "train_returns_tensors": "ragged batches",
    "train_in_the_mode_found": "dropout, evaluation mode",
    "train_moves_only_the_batches": "meta",
    "train_moves_only_the_model": "meta",
    "train_leaves_the_targets": "meta",
    "train_drops_the_last_batch": "ragged batches",
    "train_on_one_batch": "even batches",
    "train_returns_after_one_epoch": "even batches",
    "train_uses_one_iterator": "even batches",
    "train_returns_the_last_batch": "even batches",
    "train_returns_the_mean": "even batches",
    "train_returns_every_batch": "even batches",
    "train_sums_over_epochs": "even batches",
    "train_weighs_by_batch_size": "even batches",
    "train_rebuilds_the_optimizer": "momentum",
    "train_sets_the_seed": "shuffled",
    "train_peeks_into_the_loader": "shuffled",
    "train_swaps_the_arguments": "lopsided loss",
    "evaluate_in_the_mode_found": "dropout, training mode",
    "evaluate_stays_in_evaluation_mode": "dropout, training mode",
    "evaluate_ends_in_training_mode": "evaluation mode",
    "evaluate_restores_one_mode_for_all": "frozen dropout",
    "evaluate_builds_a_graph": "grad mode inside",
    "evaluate_leaves_gradients_off": "even batches",
    "evaluate_ends_with_gradients_on": "gradients off",
    "evaluate_returns_tensors": "even batches",
    "evaluate_averages_the_batches": "ragged batches",
    "evaluate_averages_the_accuracies": "ragged batches",
    "evaluate_sums_the_losses": "even batches",
    "evaluate_takes_the_mean_for_a_sum": "even batches",
    "evaluate_counts_over_the_batch": "four of four classes",
    "evaluate_counts_one_prediction": "even batches",
    "evaluate_divides_by_batches": "even batches",
    "evaluate_assumes_full_batches": "ragged batches",
    "evaluate_divides_by_the_dataset": "last batch dropped",
    "evaluate_in_percent": "even batches",
    "evaluate_returns_correct_count": "even batches",
    "evaluate_one_batch": "even batches",
    "evaluate_drops_the_last_batch": "ragged batches",
    "evaluate_leaves_the_batches": "meta",
    "evaluate_backpropagates": "even batches",
    "evaluate_clears_the_gradients": "even batches",
    "evaluate_trains": "even batches",
    "losses_in_the_mode_found": "dropout, training mode",
    "losses_leave_evaluation_mode": "dropout, training mode",
    "losses_end_in_training_mode": "evaluation mode",
    "losses_restore_one_mode_for_all": "frozen dropout",
    "losses_build_a_graph": "grad mode inside",
    "losses_are_tensors": "even batches",
    "losses_of_one_batch": "even batches",
    "losses_drop_the_last_batch": "ragged batches",
    "losses_summed": "even batches",
    "losses_run_on": "even batches",
    "losses_times_batch_size": "even batches",
    "losses_backpropagate": "even batches",
}
# Wrong by an exception alone.
CRASHES = {"step_with_a_closure", "lbfgs_without_a_closure"}

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")


def test_every_misconception_is_in_the_table(examination: Examination) -> None:
    assert set(examination.known) == set(SHOWS)


@pytest.mark.parametrize("name", SHOWS)
def test_the_mistake_shows_in_its_case(examination: Examination, name: str) -> None:
    assert SHOWS[name] in examination.shows_in(name)
    assert examination.always_crashes(name) == (name in CRASHES)


def test_no_two_misconceptions_of_a_function_behave_alike(examination: Examination) -> None:
    assert examination.look_alikes(skipped=set()) == []


def test_a_mistake_of_the_last_batch_is_right_with_even_batches(examination: Examination) -> None:
    for name in ("train_drops_the_last_batch", "evaluate_averages_the_batches"):
        assert "even batches" not in examination.shows_in(name)
