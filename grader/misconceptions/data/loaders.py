"""What goes wrong in `cifar_loader`."""

from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, RandomSampler, Subset
from torchvision import transforms
from torchvision.datasets import CIFAR10

from grader.misconceptions import misconception

KEEP_THE_SCALE = (
    "Let every number lie in [0, 1]: a pixel from 0 to 255 is divided by 255, and nothing else is "
    "done to it."
)
CHOOSE_BY_TRAIN = "Choose between the training and the test images by train, as it is given."
SHUFFLE_WHERE_ASKED = (
    "Shuffle where shuffle is true and only there, whether the images are for training or not."
)
USE_THE_GENERATOR = "Hand the generator on to the loader: the order is to be drawn from it."
LEAVE_THE_SEED = "Use the generator as it was given: with a seed of your own every order is alike."
USE_THE_BATCH_SIZE = "Pass the batch size on as it is given."
NEVER_DOWNLOAD = "Never download: where the images are missing, the error is to reach the caller."
A_LOADER = "Return a DataLoader over the images: it makes the batches and their order."


def images_of(root: Any, train: bool, transform: Any = None, download: bool = False) -> CIFAR10:
    transform = transform or transforms.ToTensor()
    return CIFAR10(root, train=train, transform=transform, download=download)


@misconception(
    of="cifar_loader", hint="Keep the last, smaller batch: left out, its images are never seen."
)
def loader_drops_the_last(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train)
    return DataLoader(images, batch_size, shuffle, generator=generator, drop_last=True)


@misconception(
    of="cifar_loader", hint="Make a tensor of each image by a transform: a loader joins no images."
)
def loader_without_transform(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(CIFAR10(root, train), batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=KEEP_THE_SCALE)
def loader_of_whole_numbers(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train, transforms.PILToTensor())
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=KEEP_THE_SCALE)
def loader_of_unscaled_numbers(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train, lambda image: transforms.ToTensor()(image) * 255)
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=KEEP_THE_SCALE)
def loader_of_normalised_numbers(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    steps = [transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]
    images = images_of(root, train, transforms.Compose(steps))
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=KEEP_THE_SCALE)
def loader_of_numbers_scaled_twice(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train, lambda image: transforms.ToTensor()(image) / 255)
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(
    of="cifar_loader", hint="Put the colours first: a batch is (B, 3, 32, 32), not (B, 32, 32, 3)."
)
def loader_with_colours_last(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train, lambda image: np.asarray(image, dtype=np.float32) / 255)
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(
    of="cifar_loader",
    hint="Give the images as they are: to mirror, cut or resize them is not asked for here.",
)
def loader_of_mirrored_images(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    steps = [transforms.RandomHorizontalFlip(), transforms.ToTensor()]
    images = images_of(root, train, transforms.Compose(steps))
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(
    of="cifar_loader",
    hint="Give the images as they are: to mirror, cut or resize them is not asked for here.",
)
def loader_of_resized_images(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    steps = [transforms.Resize(64), transforms.ToTensor()]
    images = images_of(root, train, transforms.Compose(steps))
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(
    of="cifar_loader",
    hint="Give the images as they are: to mirror, cut or resize them is not asked for here.",
)
def loader_of_grey_images(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    steps = [transforms.Grayscale(), transforms.ToTensor()]
    images = images_of(root, train, transforms.Compose(steps))
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=CHOOSE_BY_TRAIN)
def loader_of_training_images(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, True), batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=CHOOSE_BY_TRAIN)
def loader_of_the_other_images(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, not train), batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=SHUFFLE_WHERE_ASKED)
def loader_never_shuffles(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, train), batch_size, generator=generator)


@misconception(of="cifar_loader", hint=SHUFFLE_WHERE_ASKED)
def loader_always_shuffles(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, train), batch_size, True, generator=generator)


@misconception(of="cifar_loader", hint=SHUFFLE_WHERE_ASKED)
def loader_shuffles_for_training(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, train), batch_size, train, generator=generator)


@misconception(of="cifar_loader", hint=SHUFFLE_WHERE_ASKED)
def loader_shuffles_with_a_generator_alone(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    wanted = shuffle and generator is not None
    return DataLoader(images_of(root, train), batch_size, wanted, generator=generator)


@misconception(of="cifar_loader", hint=USE_THE_GENERATOR)
def loader_without_generator(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, train), batch_size, shuffle)


@misconception(of="cifar_loader", hint=LEAVE_THE_SEED)
def loader_with_a_seed_of_its_own(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    own = torch.Generator().manual_seed(42)
    return DataLoader(images_of(root, train), batch_size, shuffle, generator=own)


@misconception(of="cifar_loader", hint=LEAVE_THE_SEED)
def loader_seeds_the_generator(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    if generator is not None:
        generator.manual_seed(0)
    return DataLoader(images_of(root, train), batch_size, shuffle, generator=generator)


@misconception(
    of="cifar_loader",
    hint="Let the loader shuffle: an order that is drawn once is the same in every epoch.",
)
def loader_of_images_shuffled_once(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train)
    order = torch.arange(len(images))
    if shuffle:
        order = torch.randperm(len(images), generator=generator)
    return DataLoader(Subset(images, order.tolist()), batch_size)


@misconception(
    of="cifar_loader",
    hint="Draw without putting back: every image comes exactly once in an epoch.",
)
def loader_draws_with_replacement(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train)
    drawn = RandomSampler(images, replacement=True, generator=generator) if shuffle else None
    return DataLoader(images, batch_size, sampler=drawn, generator=generator)


@misconception(of="cifar_loader", hint=USE_THE_BATCH_SIZE)
def loader_of_single_images(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, train), shuffle=shuffle, generator=generator)


@misconception(of="cifar_loader", hint=USE_THE_BATCH_SIZE)
def loader_of_batches_of_64(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return DataLoader(images_of(root, train), 64, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=NEVER_DOWNLOAD)
def loader_downloads(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    images = images_of(root, train, download=True)
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=NEVER_DOWNLOAD)
def loader_downloads_where_images_are_missing(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    try:
        images = images_of(root, train)
    except RuntimeError:
        images = images_of(root, train, download=True)
    return DataLoader(images, batch_size, shuffle, generator=generator)


@misconception(of="cifar_loader", hint=A_LOADER)
def loader_as_dataset(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return images_of(root, train)


@misconception(of="cifar_loader", hint=A_LOADER)
def loader_as_list_of_batches(
    root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None
) -> Any:
    return list(DataLoader(images_of(root, train), batch_size, shuffle, generator=generator))
