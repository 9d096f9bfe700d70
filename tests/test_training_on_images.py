"""The course's own loop on the course's own images: CifarNet learns them within seconds."""

from __future__ import annotations

from itertools import pairwise

import torch
from conftest import solution
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.dataset import load_images


def loader(train: bool, **options: object) -> DataLoader:
    images, labels = load_images(None, train=train)
    return DataLoader(TensorDataset(images.float() / 255, labels), **options)


def test_the_loss_falls_and_accuracy_ends_well_above_chance() -> None:
    training = solution("training")
    convnets = solution("convnets")
    torch.manual_seed(0)
    network = convnets.CifarNet()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    loss_fn = nn.CrossEntropyLoss()
    batches = loader(train=True, batch_size=50, shuffle=True)
    losses = training.train(network, batches, loss_fn, optimizer, epochs=5)
    assert all(later < earlier for earlier, later in pairwise(losses))
    _, accuracy = training.evaluate(network, loader(train=False, batch_size=100), loss_fn)
    assert accuracy > 0.5
