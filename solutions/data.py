"""Data: from files in a folder to batches that a network can be trained with.

A file's name says what is on the picture, the picture becomes a tensor, and a loader puts several
of them together. On the way the pixels, whole numbers from 0 to 255, become

    x = pixel / 255        so that every number of a batch (B, 3, 32, 32) lies in [0, 1]

Cats are class 0 and dogs are class 1. Wherever a path, a folder or a root is asked for, it may come
as a str or as a pathlib.Path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import CIFAR10
from torchvision.transforms import ToTensor


def label_from_filename(name: str | os.PathLike[str]) -> int:
    """The class of a picture by the name of its file: 0 for a cat, 1 for a dog.

    `name` is a str or any os.PathLike (`os.fspath` makes a str of both), with or without folders
    before the last part. The last part alone decides, whatever the folders are called: it is
    exactly `cat.DIGITS.jpg` or `dog.DIGITS.jpg`, where DIGITS are one or more of 0 to 9. Returns
    the int 0 or 1.

    Anything else raises ValueError, and its message names the file: other animals, capital
    letters, no digits or more than digits, another ending, something before or behind. The file
    itself is not looked at and need not exist.

    >>> label_from_filename("dogs/cat.12.jpg")
    0
    >>> label_from_filename(Path("pets", "dog.7.jpg"))
    1
    """
    ### BEGIN SOLUTION
    file = Path(name).name
    match = re.fullmatch(r"(cat|dog)\.[0-9]+\.jpg", file)
    if match is None:
        raise ValueError(f"{file!r} is neither cat.DIGITS.jpg nor dog.DIGITS.jpg")
    return ["cat", "dog"].index(match[1])
    ### END SOLUTION


def labelled_images(folder: str | os.PathLike[str]) -> list[tuple[Path, int]]:
    """The pictures of a folder, each with its class, in an order that does not change.

    Returns a list of pairs (path, label), one for each regular file directly in `folder` whose name
    ends in `.jpg`. All else is ignored: other files, folders (whatever they are called) and what is
    in them. `path` is `folder` joined with the file's name, as a str or a Path. `label` is that of
    `label_from_filename`. The list is sorted by path as strings, so `cat.10.jpg` comes before
    `cat.2.jpg`: a folder itself lists its files in any order.

    Raises ValueError, which names the file, where a `.jpg` has no label; FileNotFoundError where
    there is no such folder. A folder without pictures gives an empty list.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("dog.1.jpg", "cat.2.jpg", "cat.10.jpg", "notes.txt"):
    ...         Path(folder, name).touch()
    ...     [(os.path.basename(path), label) for path, label in labelled_images(folder)]
    [('cat.10.jpg', 0), ('cat.2.jpg', 0), ('dog.1.jpg', 1)]
    """
    ### BEGIN SOLUTION
    names = sorted(name for name in os.listdir(folder) if name.endswith(".jpg"))
    paths = [Path(folder, name) for name in names]
    return [(path, label_from_filename(path)) for path in paths if path.is_file()]
    ### END SOLUTION


class CatsVsDogs(Dataset):
    """The pictures of a folder as a dataset: `dataset[i]` is (image, label) of the i-th one.

    The pictures are those of `labelled_images(folder)`, in its order. `image` is a PIL image in
    mode "RGB", or what `transform` makes of it. A file may hold a grey picture, one with a palette
    or one with an alpha channel, whatever its name ends in: each is converted to RGB, and then
    `transform` is called with it. It is called anew each time a picture is asked for, for it may be
    random. `label` is the int 0 or 1.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.new("L", (4, 2), 255).save(Path(folder, "dog.3.jpg"))
    ...     dataset = CatsVsDogs(folder)
    ...     image, label = dataset[0]
    ...     tensor, _ = CatsVsDogs(folder, transform=ToTensor())[0]
    >>> len(dataset), image.mode, image.size, label, tensor.shape
    (1, 'RGB', (4, 2), 1, torch.Size([3, 2, 4]))
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        transform: Callable[[Image.Image], Any] | None = None,
    ) -> None:
        """Keep the transform and the paths; a picture is read when it is asked for."""
        ### BEGIN SOLUTION
        self.images = labelled_images(folder)
        self.transform = transform
        ### END SOLUTION

    def __len__(self) -> int:
        """The number of pictures."""
        ### BEGIN SOLUTION
        return len(self.images)
        ### END SOLUTION

    def __getitem__(self, index: int) -> tuple[Any, int]:
        """Picture number `index`, from 0 to len(self) − 1, and its label."""
        ### BEGIN SOLUTION
        path, label = self.images[index]
        with Image.open(path) as file:
            image = file.convert("RGB")
        return (image if self.transform is None else self.transform(image)), label
        ### END SOLUTION


def shared_tensor(array: np.ndarray) -> torch.Tensor:
    """A tensor on the memory of a numpy array: nothing is copied.

    What is written to the one is seen in the other, both ways. Shape and dtype are the array's. It
    may be a view that is not contiguous, such as a transposed one or every other column: its tensor
    writes through to the same elements.

    Raises ValueError where the array is read-only (its `flags.writeable` is False), for a tensor
    can always be written to; the array stays read-only.

    >>> array = np.zeros(3)
    >>> tensor = shared_tensor(array)
    >>> tensor[0] = 7
    >>> array
    array([7., 0., 0.])
    """
    ### BEGIN SOLUTION
    if not array.flags.writeable:
        raise ValueError("the array is read-only, and a tensor would write to it")
    return torch.from_numpy(array)
    ### END SOLUTION


def cifar_loader(
    root: str | os.PathLike[str],
    train: bool,
    batch_size: int,
    shuffle: bool,
    generator: torch.Generator | None = None,
) -> DataLoader:
    """Batches of CIFAR-10, as a DataLoader over torchvision's CIFAR10.

    `root` is the folder that holds `cifar-10-batches-py`. `train` chooses between the training and
    the test images. Each batch is (images, labels): float32 of shape (B, 3, 32, 32) with all
    numbers in [0, 1], which is what torchvision's `ToTensor` makes of an image, and int64 of shape
    (B,). B is `batch_size`, and less in the last batch where the images do not divide evenly: it
    is kept.

    Without `shuffle` the images come in the order of the files, with it in a new random order for
    every walk through the loader. That order is drawn from `generator` where one is given: the same
    seed gives the same order again. Leave `num_workers` at 0: no further process is started.

    Nothing is ever downloaded: where the images are missing, torchvision's error is raised.

    >>> cifar_loader("no/such/folder", train=True, batch_size=4, shuffle=False)
    Traceback (most recent call last):
        ...
    RuntimeError: Dataset not found or corrupted. You can use download=True to download it
    """
    ### BEGIN SOLUTION
    images = CIFAR10(root, train=train, transform=ToTensor())
    return DataLoader(images, batch_size=batch_size, shuffle=shuffle, generator=generator)
    ### END SOLUTION
