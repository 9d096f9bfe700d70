"""The images of the course: real CIFAR-10 from a folder, or a generated set in the same format.

The generated set has ten classes of 32×32 images in the files of CIFAR-10 (python version), so that
torchvision's own loader reads it. It serves a machine without data: CifarNet learns on it within
seconds, and a linear model learns a part of it. Nothing here downloads anything.

torchvision is imported only where a set is read: importing this module is cheap.
"""

import functools
import hashlib
import importlib
import json
import os
import pickle
import shutil
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Images = npt.NDArray[np.uint8]  # (N, 3, 32, 32)
Numbers = npt.NDArray[np.float32]

BASE_FOLDER = "generated-batches-py"
CHECKSUMS = "checksums.json"
REAL_FOLDER = "cifar-10-batches-py"
RECIPE = 1  # goes up when other images come out of the same seed
CLASSES = (
    "gradient",
    "disc",
    "square",
    "ring",
    "cross",
    "rows",
    "columns",
    "diagonals",
    "checkerboard",
    "waves",
)
SIZE = 32


class DatasetError(Exception):
    """A set of images is missing, damaged or cannot be written; the message says what to do."""


def ensure_generated(cache: Path | None = None) -> Path:
    """The root of the generated set, a folder in `cache`; the set is made if it is missing.

    The default is this user's cache folder. DatasetError where it cannot be written.
    """
    root = (cache if cache is not None else _user_cache()) / f"images-{RECIPE}"
    if not (root / BASE_FOLDER / CHECKSUMS).is_file():
        generate(root)
    return root


def generate(root: Path, seed: int = 0, train: int = 1000, test: int = 200) -> Path:
    """Make the set below `root` and return the folder with its batches.

    The images depend on the arguments alone. The folder appears complete or not at all, so that
    two processes may do this at once. A set that is already there stays as it is; DatasetError
    where it was made with other arguments, and where `root` cannot be written.
    """
    if train < 5 or test < 1:
        raise ValueError(f"train={train}, test={test}: five training batches need 5 images, test 1")
    recipe = {"recipe": RECIPE, "seed": seed, "train": train, "test": test}
    folder = root / BASE_FOLDER
    if not folder.exists():
        unfinished = root / f".{BASE_FOLDER}-{uuid.uuid4().hex}"
        try:
            unfinished.mkdir(parents=True)
            _write_batches(unfinished, recipe)
            _move_into_place(unfinished, folder)
        except OSError as error:
            raise DatasetError(
                f"cannot write the generated images to {root} ({error.strerror or error}): name a "
                "folder that can be written, or set XDG_CACHE_HOME (on Windows LOCALAPPDATA) to one"
            ) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    if _record(folder)["recipe"] != recipe:
        raise DatasetError(f"{folder} was generated with other arguments: delete this folder")
    return folder


def load_images(
    root: Path | None, train: bool, limit: int | None = None
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """(images, labels): uint8 of shape (N, 3, 32, 32) and int64 of shape (N,), in file order.

    `root` is the folder that holds `cifar-10-batches-py`, None the generated set. `limit` keeps
    the first images. DatasetError where the set is missing or damaged.
    """
    import torch

    if limit is not None and limit < 1:
        raise ValueError(f"limit={limit}: at least one image is needed")
    dataset = _generated(train) if root is None else _real(Path(root), train)
    images = torch.from_numpy(dataset.data[:limit]).permute(0, 3, 1, 2).contiguous()
    return images, torch.tensor(dataset.targets[:limit], dtype=torch.int64)


def __getattr__(name: str) -> Any:
    """`GeneratedCIFAR10` is made when it is first asked for: its base class is torchvision's."""
    if name == "GeneratedCIFAR10":
        return _dataset_class()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _dataset_class() -> Any:
    real = _real_class()

    # mypy follows no base class that is a value: it is one for torchvision to be imported late.
    class GeneratedCIFAR10(real):  # type: ignore[misc, valid-type]
        """The generated set below `root`, as torchvision's CIFAR10 reads it.

        DatasetError where it is missing or damaged; `download=True` raises ValueError.
        """

        base_folder = BASE_FOLDER

        def __init__(
            self,
            root: str | Path,
            train: bool = True,
            transform: Any = None,
            target_transform: Any = None,
            download: bool = False,
        ) -> None:
            if download:
                raise ValueError("the generated set is not downloaded: call generate(root)")
            checksums = _checked_files(Path(root) / BASE_FOLDER)
            self.train_list = [[name, checksums[name]] for name in _train_files()]
            self.test_list = [["test_batch", checksums["test_batch"]]]
            self.meta = {**real.meta, "md5": checksums["batches.meta"]}
            super().__init__(root, train, transform, target_transform)

        def download(self) -> None:
            raise ValueError("the generated set is not downloaded: call generate(root)")

    GeneratedCIFAR10.__qualname__ = "GeneratedCIFAR10"
    return GeneratedCIFAR10


def _real_class() -> Any:
    return importlib.import_module("torchvision.datasets").CIFAR10


def _generated(train: bool) -> Any:
    return _dataset_class()(ensure_generated(), train=train)


def _real(root: Path, train: bool) -> Any:
    folder = root / REAL_FOLDER
    if not folder.is_dir():
        raise DatasetError(
            f"there is no CIFAR-10 in {root}: the folder {REAL_FOLDER} is expected inside. Unpack "
            "cifar-10-python.tar.gz (https://www.cs.toronto.edu/~kriz/cifar.html) there, or name "
            "no folder and use the generated images"
        )
    try:
        return _real_class()(root, train=train, download=False)
    except OSError as error:
        raise DatasetError(f"CIFAR-10 in {folder} cannot be read: {error.strerror}") from error
    except RuntimeError as error:  # torchvision compares checksums before it reads anything
        raise DatasetError(
            f"CIFAR-10 in {folder} is damaged or not complete: a file is missing or has another "
            "checksum. Delete this folder and unpack cifar-10-python.tar.gz in its place"
        ) from error


def _user_cache() -> Path:
    """Where this user's programs keep what they can make again."""
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"]) / "torchgrade"
    named = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    except RuntimeError as error:
        raise DatasetError(
            "there is no home folder to keep the generated images in: set XDG_CACHE_HOME"
        ) from error
    return base / "torchgrade"


# Files


def _train_files() -> list[str]:
    return [f"data_batch_{number}" for number in range(1, 6)]


def _write_batches(folder: Path, recipe: dict[str, int]) -> None:
    """The batches, the names of the classes, and last the checksums of all these files."""
    random = np.random.default_rng(recipe["seed"])
    train, test = _labels(random, recipe["train"]), _labels(random, recipe["test"])
    images = _draw(random, np.concatenate([train, test]))
    parts = np.array_split(np.arange(len(train)), 5)
    batches = dict(zip(_train_files(), parts, strict=True))
    batches["test_batch"] = np.arange(len(train), len(images))
    labels = np.concatenate([train, test])
    for name, indices in batches.items():
        content = {
            "batch_label": name.replace("_", " "),
            "labels": labels[indices].tolist(),
            "data": images[indices].reshape(len(indices), -1),
            "filenames": [f"{CLASSES[labels[index]]}_{index:05}.png" for index in indices],
        }
        _write_pickle(folder / name, content)
    meta = {
        "label_names": list(CLASSES),
        "num_vis": 3 * SIZE**2,
        "num_cases_per_batch": len(parts[0]),
    }
    _write_pickle(folder / "batches.meta", meta)
    files = {path.name: _md5(path) for path in sorted(folder.iterdir())}
    record = json.dumps({"recipe": recipe, "files": files}, indent=1)
    (folder / CHECKSUMS).write_text(record + "\n", encoding="utf-8")


def _write_pickle(path: Path, content: dict[str, Any]) -> None:
    path.write_bytes(pickle.dumps(content, protocol=4))


def _move_into_place(unfinished: Path, folder: Path) -> None:
    """Rename, unless another process was faster: its images are the same."""
    try:
        unfinished.rename(folder)
    except OSError:
        if not (folder / CHECKSUMS).is_file():
            raise


def _record(folder: Path) -> dict[str, Any]:
    """What `checksums.json` says: the recipe of the set and the checksum of each file."""
    try:
        record = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
        if {*record["files"]} >= {*_train_files(), "test_batch", "batches.meta"}:
            return {"recipe": record["recipe"], "files": dict(record["files"])}
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise DatasetError(
                f"there are no generated images in {folder.parent}: call generate with this folder"
            ) from error
    except (OSError, ValueError, TypeError, KeyError):
        pass
    raise _damaged(folder, CHECKSUMS)


def _checked_files(folder: Path) -> dict[str, str]:
    """The checksum of each file of the generated set; DatasetError where one does not have it."""
    checksums: dict[str, str] = _record(folder)["files"]
    for name in [*_train_files(), "test_batch", "batches.meta"]:
        try:
            found = _md5(folder / name)
        except OSError as error:
            raise _damaged(folder, name) from error
        if found != checksums[name]:
            raise _damaged(folder, name)
    return checksums


def _damaged(folder: Path, name: str) -> DatasetError:
    return DatasetError(
        f"{name} of the generated images in {folder} is missing or damaged: delete this "
        "folder, and they are made anew"
    )


def _md5(path: Path) -> str:
    """The checksum that torchvision compares with; it finds damage, not malice."""
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


# Images


def _labels(random: np.random.Generator, count: int) -> npt.NDArray[np.int64]:
    """`count` labels in random order, each class as often as the others, one more or less."""
    return random.permutation(np.arange(count) % len(CLASSES))


def _draw(random: np.random.Generator, labels: npt.NDArray[np.int64]) -> Images:
    """An image for each label: a shape of the class in colours near its own, moved, with noise."""
    count = len(labels)

    def each(low: float, high: float, *shape: int) -> Numbers:
        return random.uniform(low, high, (count, *shape, 1, 1)).astype(np.float32)

    masks = _masks(labels, each)
    hues = (labels / len(CLASSES)).astype(np.float32)[:, None, None, None]
    phases = np.array([0, 1 / 3, 2 / 3], dtype=np.float32)[None, :, None, None]
    front = 0.5 + 0.5 * np.cos(2 * np.pi * (hues + phases + each(-0.12, 0.12, 1)))
    back = 0.5 + 0.2 * np.cos(2 * np.pi * (hues + phases + each(0.3, 0.7, 1)))
    light = each(-0.12, 0.12, 1)
    noise = random.standard_normal((count, 3, SIZE, SIZE), dtype=np.float32) * 0.1
    pictures = back + (front - back) * masks[:, None] + light + noise
    pixels: Images = np.clip(pictures * 255, 0, 255).astype(np.uint8)
    return pixels


def _masks(labels: npt.NDArray[np.int64], each: Any) -> Numbers:
    """How much of the front colour each pixel has, from 0 to 1: (N, 32, 32)."""
    row, column = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    y, x = row - each(11, 20), column - each(11, 20)
    radius, period, phase = each(6, 9), each(6, 9), each(0, 2 * np.pi)
    distance, box = np.hypot(x, y), np.maximum(abs(x), abs(y))

    def stripes(along: Numbers) -> Numbers:
        return np.asarray(np.sin(2 * np.pi * along / period + phase), dtype=np.float32)

    inside = {
        "gradient": (x * np.cos(phase) + y * np.sin(phase)) / SIZE + 0.5,
        "disc": distance < radius,
        "square": box < radius * 0.9,
        "ring": abs(distance - radius) < 2,
        "cross": (np.minimum(abs(x), abs(y)) < 2) & (box < radius * 1.3),
        "rows": stripes(y) > 0,
        "columns": stripes(x) > 0,
        "diagonals": stripes((x + y) * 0.7) > 0,
        "checkerboard": stripes(x) * stripes(y) > 0,
        "waves": stripes(distance) > 0,
    }
    masks = np.empty((len(labels), SIZE, SIZE), dtype=np.float32)
    for label, name in enumerate(CLASSES):
        of_class = labels == label
        masks[of_class] = np.clip(inside[name][of_class], 0, 1)
    return masks
