"""The course's own loop on the course's own images: CifarNet learns them within seconds."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.course import Course
from grader.dataset import load_images


def module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"solution_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def loader(train: bool, **options: object) -> DataLoader:
    images, labels = load_images(None, train=train)
    return DataLoader(TensorDataset(images.float() / 255, labels), **options)


def test_the_loss_falls_and_accuracy_ends_well_above_chance(course: Course) -> None:
    training = module(course.solutions / "training.py")
    convnets = module(course.solutions / "convnets.py")
    torch.manual_seed(0)
    network = convnets.CifarNet()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    loss_fn = nn.CrossEntropyLoss()
    batches = loader(train=True, batch_size=50, shuffle=True)
    losses = training.train(network, batches, loss_fn, optimizer, epochs=5)
    assert all(later < earlier for earlier, later in pairwise(losses))
    _, accuracy = training.evaluate(network, loader(train=False, batch_size=100), loss_fn)
    assert accuracy > 0.5
