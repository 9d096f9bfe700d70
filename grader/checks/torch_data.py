"""Torch itself as a submission: torchvision's own folders, readers and loaders."""

import os

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision import datasets, transforms


def label_from_filename(name):
    file = os.path.basename(name)
    animal, dot, rest = file.partition(".")
    digits, ending = os.path.splitext(rest)
    right = animal in ("cat", "dog") and digits.isdigit() and digits.isascii() and ending == ".jpg"
    if not dot or not right:
        raise ValueError(file)
    return int(animal == "dog")


def labelled_images(folder):
    with os.scandir(folder) as entries:
        paths = [entry.path for entry in entries if entry.is_file() and entry.name[-4:] == ".jpg"]
    return [(path, label_from_filename(path)) for path in sorted(paths)]


class CatsVsDogs(Dataset):
    def __init__(self, folder, transform=None):
        self.samples, self.transform = labelled_images(folder), transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        path, label = self.samples[index]
        image = datasets.folder.pil_loader(path)
        return self.transform(image) if self.transform else image, label


def shared_tensor(array):
    if array.flags.writeable:
        return torch.as_tensor(array)
    raise ValueError("read-only")


def cifar_loader(root, train, batch_size, shuffle, generator=None):
    images = datasets.CIFAR10(root, train, transforms.Compose([transforms.ToTensor()]))
    return DataLoader(images, batch_size, shuffle, generator=generator)
