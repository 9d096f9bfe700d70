"""Functional: lambdas, map, filter and operator."""

import os
import re
from itertools import repeat
from operator import methodcaller

import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

look = re.compile("(cat|dog)[.][0123456789]+[.]jpg").fullmatch


def label_from_filename(name):
    file = str(os.path.basename(name))
    found = look(file) or refuse(file)
    return ("cat", "dog").index(found.group(1))


def refuse(file):
    raise ValueError(f"what is {file}?")


def labelled_images(folder):
    names = filter(methodcaller("endswith", ".jpg"), sorted(os.listdir(folder)))
    paths = list(filter(os.path.isfile, map(os.path.join, repeat(folder), names)))
    return list(zip(paths, map(label_from_filename, paths), strict=True))


shared_tensor = lambda array: torch.as_tensor(array) if array.flags.writeable else refuse_array()


def refuse_array():
    raise ValueError("read-only")


cifar_loader = lambda root, train, batch_size, shuffle, generator=None: DataLoader(
    datasets.CIFAR10(root, train, transforms.ToTensor()),
    batch_size,
    shuffle,
    generator=generator,
)
