"""Probes of loaders: the batches that they give of a made CIFAR-10, and in which order."""

from __future__ import annotations

import contextlib
import itertools
import pickle
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from grader.probes.files import PATHS, new_folder, replaced
from grader.probes.observe import plain

_MOST_BATCHES = 64  # so many are taken from a loader that may never end
_TRAINING_FILES = [f"data_batch_{number}" for number in range(1, 6)]


@contextlib.contextmanager
def cifar_in(
    root: str, train: int = 10, test: int = 3, missing: Sequence[str] = (), pictures: int = 0
) -> Iterator[list[str]]:
    """Go to a new folder in which `root` holds so many made images, in the files of CIFAR-10.

    torchvision's CIFAR10 takes them for its own meanwhile. Image number k has label k % 10; what is
    on it follows from the seed `pictures`. The files called `missing` are left out. Yields a list
    of the addresses that are asked for: nothing is downloaded.
    """
    import urllib.error
    import urllib.request

    from torchvision.datasets import CIFAR10

    asked: list[str] = []

    def refuse(url: Any, *_: Any, **__: Any) -> Any:
        asked.append(str(getattr(url, "full_url", url)))
        raise urllib.error.URLError("nothing is downloaded here")

    unchecked = {
        "train_list": [[name, None] for name in _TRAINING_FILES],
        "test_list": [["test_batch", None]],
        "meta": {**CIFAR10.meta, "md5": None},
    }
    with new_folder(), replaced(CIFAR10, **unchecked), replaced(urllib.request, urlopen=refuse):
        _write_batches(Path(root, CIFAR10.base_folder), train, test, missing, pictures)
        yield asked


def _write_batches(
    folder: Path, train: int, test: int, missing: Sequence[str], pictures: int
) -> None:
    """A folder in which no file would be is not made."""
    images = _images(train + test, pictures)
    numbers = torch.arange(train + test).tensor_split([train])
    batches = dict(zip(_TRAINING_FILES, numbers[0].tensor_split(5), strict=True))
    batches["test_batch"] = numbers[1]
    contents: dict[str, Any] = {
        name: {"data": images[found].reshape(-1, 3072).numpy(), "labels": (found % 10).tolist()}
        for name, found in batches.items()
    }
    contents["batches.meta"] = {"label_names": [f"class {label}" for label in range(10)]}
    for name in sorted(contents.keys() - set(missing)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_bytes(pickle.dumps(contents[name]))


def _images(count: int, pictures: int = 0) -> torch.Tensor:
    """Images (N, 3, 32, 32): no two alike, none the same when it is turned.

    With a seed they are noise, each of another brightness.
    """
    if pictures:
        generator = torch.Generator().manual_seed(pictures)
        brightness = torch.randperm(count, generator=generator).add(1).reshape(-1, 1, 1, 1)
        noise = torch.randint(256, (count, 3, 32, 32), generator=generator)
        return (noise * brightness // count).to(torch.uint8)
    channels = torch.arange(3).reshape(3, 1, 1)
    rows, columns = torch.arange(32).reshape(32, 1), torch.arange(32)
    pattern = channels * 60 + rows * 3 + columns * 5
    return ((torch.arange(count).reshape(-1, 1, 1, 1) * 37 + pattern) % 256).to(torch.uint8)


def _images_of(
    train: bool, count: int, pictures: int = 0
) -> contextlib.AbstractContextManager[list[str]]:
    if train:
        return cifar_in("data", train=count, pictures=pictures)
    return cifar_in("data", test=count, pictures=pictures)


def load_batches(
    subject: Callable[..., Any],
    device: str,
    train: bool,
    batch_size: int,
    seed: int | None = None,
    images: int = 7,
    kind: str = "str",
    pictures: int = 0,
) -> dict[str, Any]:
    """The batches of CIFAR-10 in the order of the files; with `seed` a generator is given too."""
    given = {} if seed is None else {"generator": torch.Generator().manual_seed(seed)}
    with _images_of(train, images, pictures):
        loader = subject(PATHS[kind]("data"), train, batch_size, False, **given)
        value = [plain(batch) for batch in _taken(loader)]
    return {"value": value, "devices": [], "changed": []}


def summarize_batches(
    subject: Callable[..., Any], device: str, train: bool, batch_size: int, images: int = 7
) -> dict[str, Any]:
    """Of each batch of CIFAR-10 in the order of the files: its shape, its range, its labels."""
    with _images_of(train, images):
        loader = subject("data", train, batch_size, False)
        value = [_summary(batch) for batch in _taken(loader)]
    return {"value": value, "devices": [], "changed": []}


def _summary(batch: Any) -> Any:
    found, labels = batch
    if not isinstance(found, torch.Tensor) or not isinstance(labels, torch.Tensor):
        return plain(batch)
    return {
        "shape": list(found.shape),
        "from": float(found.min()),
        "to": float(found.max()),
        "labels": labels.tolist(),
    }


def _taken(loader: Any) -> list[Any]:
    """The batches of one walk through a loader, in this process: a sandbox can start no other."""
    if not isinstance(loader, DataLoader):
        raise TypeError(f"a DataLoader is asked for, not an object of type {type(loader).__name__}")
    loader.num_workers = 0
    return list(itertools.islice(loader, _MOST_BATCHES))


def shuffle_images(
    subject: Callable[..., Any],
    device: str,
    batch_size: int,
    seeded: bool,
    train: bool = True,
    pictures: int = 0,
) -> dict[str, Any]:
    """What is true of the orders in which ten images come when they are shuffled.

    The order is seeded by the generator that is given, or else by torch's own. With `pictures`,
    each of another brightness, whether they keep their labels shows when these are sorted by it.
    """
    count = 10
    brightness: dict[int, float] = {}

    def walks(seed: int, other: int) -> list[list[list[int]]]:
        """The labels of the batches in two walks through one loader."""
        generator = torch.Generator().manual_seed(seed) if seeded else None
        torch.default_generator.manual_seed(other if seeded else seed)
        loader = subject("data", train, batch_size, True, generator)
        return [[seen(batch) for batch in _taken(loader)] for _ in range(2)]

    def seen(batch: Any) -> list[int]:
        images, labels = batch
        listed: list[int] = labels.tolist()
        brightness.update(zip(listed, images.double().mean(dim=(1, 2, 3)).tolist(), strict=True))
        return listed

    def order(walk: list[list[int]]) -> list[int]:
        return list(itertools.chain(*walk))

    with _images_of(train, count, pictures):
        first, second = walks(1, 10)
        again, _ = walks(1, 20)
        another, _ = walks(2, 10)
    value: dict[str, Any] = {
        "sizes of the batches": [len(batch) for batch in first],
        "all images in each epoch": sorted(order(first))
        == sorted(order(second))
        == [*range(count)],
        "shuffled": order(first) != sorted(order(first)),
        "the same order from the same seed": first == again,
        "another order from another seed": first != another,
        "another order in the second epoch": first != second,
    }
    if pictures:
        value["the labels from dark to bright"] = sorted(
            brightness, key=lambda one: brightness[one]
        )
    return {"value": value, "devices": [], "changed": []}


def load_missing(
    subject: Callable[..., Any], device: str, missing: Sequence[str], train: bool = True
) -> dict[str, Any]:
    """Ask for batches where files of CIFAR-10 are missing: whether a download was tried."""
    with cifar_in("data", missing=missing) as asked:
        try:
            subject("data", train, 4, False)
        except NotImplementedError:
            raise
        except Exception:  # any is right: the images are not there
            pass
    return {"value": {"a download was tried": bool(asked)}, "devices": [], "changed": []}
