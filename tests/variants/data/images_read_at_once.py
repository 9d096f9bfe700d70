"""All images are read when the dataset is made; the loader is a subclass with a sampler."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler
from torchvision.datasets import CIFAR10
from torchvision.transforms.functional import to_tensor


def labelled_images(folder):
    """Sorted by a loop that puts each picture where it belongs."""
    found = []
    for path in Path(folder).iterdir():
        if path.suffixes[-1:] == [".jpg"] and path.is_file():
            place = sum(str(other) < str(path) for other, _ in found)
            found.insert(place, (path, label_from_filename(path)))
    return found


def label_from_filename(name):
    animal, *rest = Path(name).name.split(".")
    if rest[1:] == ["jpg"] and rest[0] and animal in ("cat", "dog"):
        if all(character in "0123456789" for character in rest[0]):
            return int(animal == "dog")
    raise ValueError(f"{Path(name).name} has no label")


@dataclass
class CatsVsDogs(Dataset):
    folder: Any
    transform: Any = None

    def __post_init__(self):
        self.items = [(self.read(path), label) for path, label in labelled_images(self.folder)]

    @staticmethod
    def read(path):
        image = Image.new("RGB", (1, 1))
        with Image.open(path) as file:
            image = file.convert(mode=image.mode)
        return image

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        image, label = self.items[index]
        if self.transform is not None:
            image = self.transform(image)
        return image, label


class ImageLoader(DataLoader):
    """Batches of images that are turned into tensors when they are put together."""

    def __init__(self, images, order, batch_size):
        batches = BatchSampler(order, batch_size, drop_last=False)
        super().__init__(images, batch_sampler=batches, collate_fn=self.collate)

    @staticmethod
    def collate(pairs):
        images, labels = zip(*pairs, strict=True)
        return torch.stack([to_tensor(image) for image in images]), torch.tensor(labels)


def cifar_loader(root, train, batch_size, shuffle, generator=None):
    images = CIFAR10(str(root), train)
    order = RandomSampler(images, generator=generator) if shuffle else SequentialSampler(images)
    return ImageLoader(images, order, batch_size)
