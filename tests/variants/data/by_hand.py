"""Pixels divided by hand, workers asked for, memory shared through the buffer of an array."""

import os

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import CIFAR10


def to_unit_interval(image):
    pixels = torch.from_numpy(np.array(image, dtype="uint8"))
    return pixels.permute(2, 0, 1).contiguous() / 255.0


def cifar_loader(root, train, batch_size, shuffle, generator=None):
    images = CIFAR10(root, train=train, transform=to_unit_interval)
    loader = DataLoader(images, batch_size, shuffle, generator=generator, num_workers=2)
    return loader


def label_from_filename(name):
    file = os.fspath(name).replace(os.sep, "/").split("/")[-1]
    if file[:4] not in ("cat.", "dog.") or file[-4:] != ".jpg" or len(file) < 9:
        raise ValueError("neither cat nor dog: " + file)
    for character in file[4:-4]:
        if character not in "0123456789":
            raise ValueError("neither cat nor dog: " + file)
    return 0 if file[0] == "c" else 1


def labelled_images(folder):
    result = []
    names = os.listdir(folder)
    names.sort()
    for name in names:
        path = os.fspath(folder) + "/" + name
        if name[-4:] == ".jpg" and not os.path.isdir(path):
            result.append((path, label_from_filename(name)))
    return result


class CatsVsDogs(Dataset):
    def __init__(self, folder, transform=None):
        self.folder, self.transform = folder, transform
        self.index = dict(enumerate(labelled_images(folder)))

    def __len__(self):
        return max(self.index, default=-1) + 1

    def __getitem__(self, index):
        path, label = self.index[index]
        image = Image.fromarray(np.asarray(Image.open(path).convert("RGB")))
        return (self.transform(image), label) if self.transform else (image, label)


def shared_tensor(array):
    assert_writable(array)
    return torch.from_dlpack(array) if array.dtype != bool else torch.as_tensor(array)


def assert_writable(array):
    try:
        array[...] = array
    except ValueError as error:
        raise ValueError("read-only: " + str(error)) from error
