"""torchvision's newer transforms and readers; numpy's arrays through torch.asarray."""

import os

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.datasets import CIFAR10
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2


class CatsVsDogs(Dataset):
    def __init__(self, folder, transform=None):
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
        pictures = [name for name in names if name.endswith(".jpg")]
        self.found = [(os.path.join(folder, name), int(name[0] == "d")) for name in pictures]
        self.transform = transform

    def __len__(self):
        return self.found.__len__()

    def __getitem__(self, index):
        path, label = self.found[index]
        image = v2.functional.to_pil_image(decode_image(str(path), ImageReadMode.RGB))
        return image if self.transform is None else self.transform(image), label


def shared_tensor(array):
    if array.flags["WRITEABLE"]:
        return torch.asarray(array, copy=False)
    raise ValueError("this array cannot be written to")


def cifar_loader(root, train, batch_size, shuffle, generator=None):
    scaled = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    return DataLoader(
        dataset=CIFAR10(root=root, train=train, transform=scaled),
        batch_size=batch_size,
        shuffle=shuffle,
        generator=generator,
        num_workers=0,
    )
