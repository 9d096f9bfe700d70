"""The reference optimizers and training loops against torch itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from conftest import solution
from torch import Tensor, nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset

DTYPES = [torch.float32, torch.float64]


optimizers, training = solution("optimizers"), solution("training")


@pytest.fixture(autouse=True)
def fixed_seed() -> None:
    torch.manual_seed(0)


SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.2}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.2}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.2}),
    ("SGD", {"lr": 0.0, "dampening": 0.3}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 0.1, "weight_decay": 0.2}),
    ("Adam", {"lr": 0.1, "betas": (0.0, 0.0)}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.5, "lr_decay": 0.3, "initial_accumulator_value": 0.2, "eps": 0.1}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.7, "momentum": 0.9, "centered": True, "eps": 0.1}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.3, "rho": 0.6, "eps": 0.1, "weight_decay": 0.2}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 0.1, "weight_decay": 0.2}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (0.05, 0.15)}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.3, "alpha": 0.5, "t0": 2, "weight_decay": 0.2}),
]
CLASSES = list(dict.fromkeys(name for name, _ in SETTINGS))


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
@pytest.mark.parametrize("shapes", [((3,), (2, 2)), ((2,), (2,))])
@pytest.mark.parametrize("dtype", DTYPES)
def test_optimizers_agree_over_ten_steps(
    name: str, settings: dict[str, Any], shapes: tuple[tuple[int, ...], ...], dtype: torch.dtype
) -> None:
    starts = [torch.randn(shape, dtype=dtype) for shape in shapes]
    mine = [nn.Parameter(start.clone()) for start in starts]
    theirs = [nn.Parameter(start.clone()) for start in starts]
    addresses = [param.data_ptr() for param in mine]
    optimizer = getattr(optimizers, name)((param for param in mine), **settings)
    reference = getattr(torch.optim, name)(theirs, **settings)
    for step in range(10):
        grads = [torch.randn_like(start) for start in starts]
        for params in (mine, theirs):
            params[0].grad = grads[0].clone()
            params[1].grad = None if step in (0, 3, 4) else grads[1].clone()
        optimizer.step()
        reference.step()
        assert_close(mine, theirs)
        assert torch.equal(mine[0].grad, grads[0])
    assert [param.data_ptr() for param in mine] == addresses
    assert all(param.is_leaf and param.requires_grad for param in mine)


@pytest.mark.parametrize("name", CLASSES)
def test_a_grads_memory_may_be_used_again(name: str) -> None:
    settings = {"lr": 0.1, "momentum": 0.9} if name == "SGD" else {"lr": 0.1}
    mine, theirs = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    optimizer = getattr(optimizers, name)([mine], **settings)
    reference = getattr(torch.optim, name)([theirs], **settings)
    mine.grad, theirs.grad = torch.ones(2), torch.ones(2)
    for _ in range(3):
        optimizer.step()
        reference.step()
        mine.grad.mul_(2)
        theirs.grad.mul_(2)
    assert_close(mine, theirs)


@pytest.mark.parametrize("name", CLASSES)
def test_an_optimizer_may_be_built_before_the_model_changes_dtype(name: str) -> None:
    model = nn.Linear(2, 2)
    optimizer = getattr(optimizers, name)(model.parameters(), lr=0.1)
    model.double()(torch.ones(1, 2, dtype=torch.float64)).sum().backward()
    optimizer.step()
    assert all(param.dtype == torch.float64 for param in model.parameters())


@pytest.mark.parametrize("name", CLASSES)
def test_zero_grad_sets_none_or_zeros(name: str) -> None:
    params = [nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(3))]
    optimizer = getattr(optimizers, name)(params, lr=0.1)
    params[0].grad = torch.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert torch.equal(params[0].grad, torch.zeros(2))
    assert params[1].grad is None
    optimizer.zero_grad()
    assert params[0].grad is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("SGD", {"lr": -0.1}),
        ("SGD", {"momentum": -0.1}),
        ("SGD", {"weight_decay": -0.1}),
        ("SGD", {"nesterov": True}),
        ("SGD", {"nesterov": True, "momentum": 0.9, "dampening": 0.1}),
        ("Adam", {"lr": -0.1}),
        ("Adam", {"eps": -1e-8}),
        ("Adam", {"weight_decay": -0.1}),
        ("Adam", {"betas": (1.0, 0.9)}),
        ("Adam", {"betas": (0.9, -0.1)}),
        ("Adagrad", {"lr_decay": -0.1}),
        ("Adagrad", {"initial_accumulator_value": -0.1}),
        ("RMSprop", {"alpha": -0.1}),
        ("Adadelta", {"rho": 1.1}),
        ("Adamax", {"betas": (0.9, 1.0)}),
        ("Rprop", {"etas": (0.5, 1.0)}),
        ("Rprop", {"etas": (0.0, 1.2)}),
        ("ASGD", {"weight_decay": -0.1}),
    ],
)
def test_bad_hyperparameters_are_refused_as_torch_does(name: str, wrong: dict[str, Any]) -> None:
    for module in (optimizers, torch.optim):
        with pytest.raises(ValueError):
            getattr(module, name)([nn.Parameter(torch.ones(1))], **{"lr": 0.1, **wrong})
        with pytest.raises(ValueError):
            getattr(module, name)([], lr=0.1)


def test_make_optimizer_gives_torchs_own() -> None:
    names = "SGD Adam SparseAdam Adagrad Adadelta Adamax RMSprop Rprop ASGD LBFGS"
    for name in names.split():
        model = nn.Linear(2, 1)
        made = optimizers.make_optimizer(name, model.parameters(), 0.25)
        assert type(made) is getattr(torch.optim, name)
        assert made.param_groups[0]["lr"] == 0.25
        with pytest.raises(ValueError, match=name):
            optimizers.make_optimizer("Optimizer", model.parameters(), 0.25)


def moody_model(outputs: int = 3) -> nn.Sequential:
    """A model that differs between the modes, with its first layer already in evaluation mode."""
    model = nn.Sequential(
        nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, outputs)
    )
    model[0].eval()
    return model


def shuffled_loader(**options: Any) -> DataLoader[Any]:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(11, 2, generator=generator)
    targets = torch.randint(3, (11,), generator=generator)
    return DataLoader(TensorDataset(inputs, targets), batch_size=4, **options)


def modes(model: nn.Module) -> list[bool]:
    return [module.training for module in model.modules()]


def test_train_ends_where_the_plain_loop_ends() -> None:
    model, plain = moody_model().eval(), moody_model().train()
    plain.load_state_dict(model.state_dict())
    for param in model.parameters():
        param.grad = torch.ones_like(param)  # left from before
    torch.manual_seed(7)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    found = training.train(model, shuffled_loader(shuffle=True), F.cross_entropy, optimizer, 3)
    state = torch.get_rng_state()

    torch.manual_seed(7)
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1, momentum=0.9)
    loader = shuffled_loader(shuffle=True)
    expected = []
    for _ in range(3):
        total = 0.0
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(plain(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item()
        expected.append(total)
    assert found == expected
    assert_close(model.state_dict(), plain.state_dict(), rtol=0, atol=0)
    assert torch.equal(state, torch.get_rng_state())
    assert all(modes(model))


def test_train_walks_through_the_loader_once_an_epoch() -> None:
    class Loader:
        walks = 0

        def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
            self.walks += 1
            yield torch.ones(1, 2), torch.tensor([0])

    loader, model = Loader(), nn.Linear(2, 2)
    optimizer = optimizers.SGD(model.parameters(), lr=0.1)
    assert len(training.train(model, loader, F.cross_entropy, optimizer, epochs=4)) == 4
    assert loader.walks == 4


def test_train_works_on_the_device() -> None:
    seen = []

    def loss_fn(outputs: Tensor, targets: Tensor) -> Tensor:
        seen.append({outputs.device.type, targets.device.type})
        return torch.ones((), requires_grad=True)

    model = nn.Linear(2, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    training.train(model, shuffled_loader(), loss_fn, optimizer, epochs=1, device="meta")
    assert seen == [{"meta"}] * 3


def test_train_step_keeps_the_mode_and_forgets_earlier_grads() -> None:
    model = moody_model().eval()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs, targets = next(iter(shuffled_loader()))
    expected = F.cross_entropy(model(inputs), targets)
    grads = torch.autograd.grad(expected, list(model.parameters()))
    ends = [param - 0.1 * grad for param, grad in zip(model.parameters(), grads, strict=True)]
    for param in model.parameters():
        param.grad = torch.ones_like(param)
    found = training.train_step(model, inputs, targets, F.cross_entropy, optimizer)
    assert type(found) is float and found == expected.item()
    assert_close([param.data for param in model.parameters()], [end.data for end in ends])
    assert not any(modes(model))


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("grad_enabled", [False, True])
def test_evaluate_and_batch_losses_leave_everything_as_it_was(
    drop_last: bool, grad_enabled: bool
) -> None:
    model = moody_model()
    for param in model.parameters():
        param.grad = torch.ones_like(param)
    before, modes_before = {k: v.clone() for k, v in model.state_dict().items()}, modes(model)
    loader = shuffled_loader(drop_last=drop_last)
    with torch.set_grad_enabled(grad_enabled):
        mean_loss, accuracy = training.evaluate(model, loader, F.cross_entropy)
        by_batch = training.batch_losses(model, loader, F.cross_entropy)
        assert torch.is_grad_enabled() == grad_enabled
    assert modes(model) == modes_before
    assert_close(dict(model.state_dict()), before, rtol=0, atol=0)
    assert all(torch.equal(p.grad, torch.ones_like(p)) for p in model.parameters())

    batches = list(loader)
    inputs, targets = (torch.cat(column) for column in zip(*batches, strict=True))
    outputs = model.eval()(inputs)
    assert type(mean_loss) is float and type(accuracy) is float
    assert mean_loss == pytest.approx(F.cross_entropy(outputs, targets).item())
    assert accuracy == pytest.approx((outputs.argmax(1) == targets).double().mean().item())
    expected = [F.cross_entropy(model(x), y).item() for x, y in batches]
    assert by_batch == pytest.approx(expected)


def test_evaluate_restores_the_modes_when_the_loss_fails() -> None:
    model = moody_model()
    before = modes(model)
    with pytest.raises(ZeroDivisionError):
        training.evaluate(model, shuffled_loader(), lambda outputs, targets: 1 / 0)
    assert modes(model) == before and torch.is_grad_enabled()


def test_lbfgs_step_is_a_step_with_a_closure() -> None:
    inputs, targets = torch.randn(6, 2), torch.randn(6, 1)
    model, plain = nn.Linear(2, 1), nn.Linear(2, 1)
    plain.load_state_dict(model.state_dict())
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5)
    reference = torch.optim.LBFGS(plain.parameters(), lr=0.5)

    def closure() -> Tensor:
        reference.zero_grad()
        loss = F.mse_loss(plain(inputs), targets)
        loss.backward()
        return loss

    for _ in range(3):
        found = training.lbfgs_step(model, inputs, targets, F.mse_loss, optimizer)
        assert type(found) is float and found == reference.step(closure).item()
    assert_close(model.state_dict(), plain.state_dict(), rtol=0, atol=0)
