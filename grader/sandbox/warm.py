"""What the sandbox server does once, so that no fork of it pays for it again."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

from grader.probes import run_probe
from grader.probes.events import without_tensorflow
from grader.sandbox.refuse import look_up


class MissingModuleError(Exception):
    """Something that a solution imports is not installed."""


def warm_torch(forbidden: Sequence[str], devices: Sequence[str] = ("CPU",)) -> None:
    """Use once what most exercises use of torch, so that no fork pays for the first time.

    `forbidden` names are looked up in torch's operators here, once, and not in every fork;
    `devices` is where torch may run.
    """
    _train()
    look_up(forbidden, devices)


def warm_modules(
    imports: Sequence[str], forbidden: Sequence[str], devices: Sequence[str] = ("CPU",)
) -> None:
    """Import modules that solutions import, and use them once, as students' functions will.

    `forbidden` names are looked up again: there may be more now that they cover.
    """
    if _among("torch.utils.tensorboard", imports):
        without_tensorflow()
    with _matplotlib_of_its_own() if _among("matplotlib", imports) else contextlib.nullcontext():
        for name in imports:
            _import(name)
        for module, use in _USES.items():
            if _among(module, imports):
                use()
    look_up(forbidden, devices)


def require(imports: Sequence[str]) -> None:
    """MissingModuleError where what a solution imports is not installed; nothing is imported."""
    for name in imports:
        if importlib.util.find_spec(name.partition(".")[0]) is None:
            _refuse_missing(name, f"No module named {name.partition('.')[0]!r}")


def _among(module: str, imports: Sequence[str]) -> bool:
    """Whether a module, or a part of it, is one of those that are imported."""
    return any(f"{name}.".startswith(f"{module}.") for name in imports)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError as error:
        _refuse_missing(name, str(error))


def _refuse_missing(name: str, why: str) -> NoReturn:
    raise MissingModuleError(
        f"a solution of this course imports {name}, which cannot be imported here: {why}"
    ) from None


def _train() -> None:
    """Build a network, differentiate a loss, evaluate."""
    # Freeing one large block has the C library serve such blocks from its heap from now on,
    # instead of mapping and unmapping them, page fault by page fault.
    torch.empty(30 << 20, dtype=torch.uint8)
    network, batch, labels = _example()
    torch.autograd.backward(nn.functional.cross_entropy(network(batch), labels))
    for images, _ in DataLoader(TensorDataset(batch, labels)):
        network.eval()(images).log_softmax(dim=1).gather(1, torch.tensor([[0]])).sum().item()


def _example() -> tuple[nn.Sequential, torch.Tensor, torch.Tensor]:
    """A small network with what it learns from."""
    network = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    )
    network.append(nn.Linear(2, 3))
    return network, torch.randn(4, 1, 4, 4), torch.tensor([0, 1, 2, 0])


def _optimize() -> None:
    """Take steps of three optimizers, and check a gradient by differences.

    The first step of any imports as much as torch itself, sympy among it, and so do meta tensors
    and torch.func: whoever uses one of them must not pay for that with the time that a check has.
    """
    network, batch, labels = _example()
    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.LBFGS):
        optimizer = kind(network.parameters(), lr=0.01)

        def closure() -> torch.Tensor:
            optimizer.zero_grad()  # noqa: B023  # it is called before the loop goes on
            loss = nn.functional.cross_entropy(network(batch), labels)
            torch.autograd.backward(loss)
            return loss

        optimizer.step(closure)  # type: ignore[no-untyped-call]  # LBFGS has no types
    torch.autograd.gradcheck(torch.sin, torch.ones(2, dtype=torch.float64, requires_grad=True))


# what is used where a solution imports it, by the probes that exercise a student's


class _Images(Dataset[Any]):
    """Two pictures of a folder."""

    def __init__(self, folder: str, **_: Any) -> None:
        self._paths = sorted(Path(folder).iterdir())

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        from PIL import Image

        with Image.open(self._paths[index]) as file:
            return file.convert("RGB"), index


def _read_pictures() -> None:
    kinds = ("L JPEG", "RGB JPEG", "P PNG", "RGBA PNG")
    pictures = {f"folder/{kind}.jpg": (kind, [[[0, 0, 0]]]) for kind in kinds}
    indices = list(range(len(kinds)))
    run_probe("read_dataset", _Images, "cpu", ("folder", pictures, indices), {})


def _load_images() -> None:
    from torchvision.datasets import CIFAR10
    from torchvision.transforms import ToTensor, v2  # noqa: F401  # some use the newer transforms

    def loader(
        root: str, train: bool, batch_size: int, shuffle: bool, generator: Any = None
    ) -> DataLoader[Any]:
        images = CIFAR10(root, train=train, transform=ToTensor())
        return DataLoader(images, batch_size, shuffle=shuffle, generator=generator)

    run_probe("shuffle_images", loader, "cpu", (4,), {"seeded": True})


def _write_events() -> None:
    from torch.utils.tensorboard import SummaryWriter

    def log_graph(model: nn.Module, example_input: torch.Tensor, log_dir: str) -> None:
        with SummaryWriter(log_dir) as writer:
            writer.add_graph(model, example_input)

    def log_losses(losses: Sequence[float], log_dir: str) -> None:
        with SummaryWriter(log_dir) as writer:
            writer.add_scalar("loss", losses[0], 0)

    run_probe("write_graph", log_graph, "cpu", ("layers", torch.zeros(1, 3)), {})
    run_probe("write_scalars", log_losses, "cpu", ({"losses": [1.0]},), {})


def _draw() -> None:
    import matplotlib
    import matplotlib.pyplot as plt
    from matplotlib.font_manager import fontManager

    # A sandbox can read no fonts but matplotlib's own, which are all that a label needs.
    own = Path(matplotlib.get_data_path())
    for fonts in (fontManager.ttflist, fontManager.afmlist):
        fonts[:] = [font for font in fonts if own in Path(font.fname).parents]

    def plot_losses(losses: Sequence[float], path: str) -> None:
        figure, axes = plt.subplots()
        axes.semilogy(losses)  # the labels of its ticks are set as formulas, which takes more
        axes.set_title("loss")
        figure.savefig(path)
        plt.close(figure)

    run_probe("draw_losses", plot_losses, "cpu", ([100.0, 1.0],), {})


_USES: dict[str, Callable[[], None]] = {
    "torch.optim": _optimize,
    "PIL": _read_pictures,
    "torchvision": _load_images,
    "torch.utils.tensorboard": _write_events,
    "matplotlib": _draw,
}


@contextlib.contextmanager
def _matplotlib_of_its_own() -> Iterator[None]:
    """Have matplotlib imported as it comes, whatever this user or this folder sets it to.

    It keeps a list of fonts in a folder of its own in the user's cache; where there is none that
    can be written, the list is made anew, and nothing of it stays.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it talks about fonts
    with contextlib.ExitStack() as cleaning:
        folder = _cache_folder() or cleaning.enter_context(tempfile.TemporaryDirectory())
        os.environ |= {"MPLBACKEND": "agg", "MPLCONFIGDIR": str(folder)}
        try:
            import matplotlib

            matplotlib.rcdefaults()
        except ImportError:  # said where the solutions' modules are imported
            pass
        try:
            yield
        finally:
            del os.environ["MPLBACKEND"], os.environ["MPLCONFIGDIR"]


def _cache_folder() -> Path | None:
    try:
        folder = Path.home() / ".cache" / "torchgrade" / "matplotlib"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK) else None
