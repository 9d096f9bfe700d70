"""What goes wrong in `CatsVsDogs`."""

import os
import re
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from grader.misconceptions import misconception

CONVERT_TO_RGB = (
    "Convert every image to RGB: a file may hold a grey picture, a palette or an alpha channel, "
    "whatever its name ends in."
)
TRANSFORM_EACH_TIME = "Call the transform each time that a picture is asked for: it may be random."
IMAGE_AND_LABEL = "Return a pair: the image first and its label second."
PIL_WITHOUT_TRANSFORM = (
    "Return the PIL image itself where there is no transform: to make a tensor of it is the work "
    "of one."
)
LAST_PART_OF_A_PICTURE = (
    "Look at the last part of the path alone: a folder may be called cats, too."
)


class PicturesOfAFolder(Dataset[Any]):
    """A right dataset, to be spoilt."""

    def __init__(self, folder: Any, transform: Any = None) -> None:
        paths = [os.path.join(folder, name) for name in self.in_order(os.listdir(folder))]
        self.paths = [path for path in paths if path.endswith(".jpg") and os.path.isfile(path)]
        self.labels = [self.label(path) for path in self.paths]
        self.transform = transform

    def in_order(self, names: list[str]) -> list[str]:
        return sorted(names)

    def label(self, path: str) -> int:
        found = re.fullmatch(r"(cat|dog)\.[0-9]+\.jpg", os.path.basename(path))
        if found is None:
            raise ValueError(os.path.basename(path))
        return int(found[1] == "dog")

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, index: int) -> Any:
        with Image.open(self.paths[index]) as file:
            return file.convert("RGB")

    def transformed(self, image: Any) -> Any:
        return image if self.transform is None else self.transform(image)

    def __getitem__(self, index: int) -> Any:
        return self.transformed(self.read(index)), self.labels[index]


@misconception(of="CatsVsDogs", hint=CONVERT_TO_RGB)
class PicturesAsTheyAre(PicturesOfAFolder):
    def read(self, index: int) -> Any:
        with Image.open(self.paths[index]) as file:
            return file.copy()


@misconception(of="CatsVsDogs", hint=CONVERT_TO_RGB)
class PicturesConvertedFromGreyAlone(PicturesOfAFolder):
    def read(self, index: int) -> Any:
        with Image.open(self.paths[index]) as file:
            return file.convert("RGB") if file.mode == "L" else file.copy()


@misconception(of="CatsVsDogs", hint=CONVERT_TO_RGB)
class PicturesConvertedFromAlphaAlone(PicturesOfAFolder):
    def read(self, index: int) -> Any:
        with Image.open(self.paths[index]) as file:
            return file.convert("RGB") if file.mode == "RGBA" else file.copy()


@misconception(of="CatsVsDogs", hint="Convert to RGB, three numbers a pixel, and to no other mode.")
class PicturesInGrey(PicturesOfAFolder):
    def read(self, index: int) -> Any:
        return super().read(index).convert("L")


@misconception(of="CatsVsDogs", hint="Convert to RGB, three numbers a pixel, and to no other mode.")
class PicturesWithAlpha(PicturesOfAFolder):
    def read(self, index: int) -> Any:
        return super().read(index).convert("RGBA")


@misconception(
    of="CatsVsDogs",
    hint="Convert to RGB first and then call the transform: it is to be given an RGB image.",
)
class PicturesTransformedUnconverted(PicturesOfAFolder):
    def __getitem__(self, index: int) -> Any:
        with Image.open(self.paths[index]) as file:
            image = file.convert("RGB") if self.transform is None else self.transform(file)
        return image, self.labels[index]


@misconception(
    of="CatsVsDogs", hint="Call the transform where one is given, and return what it makes."
)
class PicturesUntransformed(PicturesOfAFolder):
    def transformed(self, image: Any) -> Any:
        return image


@misconception(of="CatsVsDogs", hint=TRANSFORM_EACH_TIME)
class PicturesTransformedBeforehand(PicturesOfAFolder):
    def __init__(self, folder: Any, transform: Any = None) -> None:
        super().__init__(folder, transform)
        self.items = [(self.transformed(self.read(i)), self.labels[i]) for i in range(len(self))]

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


@misconception(of="CatsVsDogs", hint=TRANSFORM_EACH_TIME)
class PicturesRemembered(PicturesOfAFolder):
    def __init__(self, folder: Any, transform: Any = None) -> None:
        super().__init__(folder, transform)
        self.known: dict[int, Any] = {}

    def __getitem__(self, index: int) -> Any:
        if index not in self.known:
            self.known[index] = super().__getitem__(index)
        return self.known[index]


@misconception(
    of="CatsVsDogs", hint="Open the picture: the image is asked for, and not the path of its file."
)
class PicturesByPath(PicturesOfAFolder):
    def read(self, index: int) -> Any:
        return self.paths[index]


@misconception(of="CatsVsDogs", hint=IMAGE_AND_LABEL)
class PicturesAfterTheLabel(PicturesOfAFolder):
    def __getitem__(self, index: int) -> Any:
        image, label = super().__getitem__(index)
        return label, image


@misconception(of="CatsVsDogs", hint=IMAGE_AND_LABEL)
class PicturesWithoutLabel(PicturesOfAFolder):
    def __getitem__(self, index: int) -> Any:
        return super().__getitem__(index)[0]


@misconception(
    of="CatsVsDogs",
    hint="Count the pictures, and not all that is in the folder: the rest is ignored.",
)
class PicturesCountedWithTheRest(PicturesOfAFolder):
    def __init__(self, folder: Any, transform: Any = None) -> None:
        super().__init__(folder, transform)
        self.length = len(os.listdir(folder))

    def __len__(self) -> int:
        return self.length


@misconception(
    of="CatsVsDogs", hint="Write __len__, the number of pictures: a DataLoader asks for it."
)
class PicturesWithoutLength(Dataset[Any]):
    def __init__(self, folder: Any, transform: Any = None) -> None:
        self.pictures = PicturesOfAFolder(folder, transform)

    def __getitem__(self, index: int) -> Any:
        return self.pictures[index]


@misconception(of="CatsVsDogs", hint="Derive the class from torch.utils.data.Dataset.")
class PicturesOfNoDataset:
    def __init__(self, folder: Any, transform: Any = None) -> None:
        self.pictures = PicturesOfAFolder(folder, transform)

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Any:
        return self.pictures[index]


@misconception(of="CatsVsDogs", hint=PIL_WITHOUT_TRANSFORM)
class PicturesAsArrays(PicturesOfAFolder):
    def transformed(self, image: Any) -> Any:
        return np.asarray(image) if self.transform is None else self.transform(image)


@misconception(of="CatsVsDogs", hint=PIL_WITHOUT_TRANSFORM)
class PicturesAsTensors(PicturesOfAFolder):
    def transformed(self, image: Any) -> Any:
        if self.transform is not None:
            return self.transform(image)
        return torch.tensor(np.array(image)).permute(2, 0, 1) / 255


@misconception(
    of="CatsVsDogs",
    hint="Give the transform the PIL image: to make an array or a tensor of it is the work of one.",
)
class PicturesTransformedAsArrays(PicturesOfAFolder):
    def transformed(self, image: Any) -> Any:
        return image if self.transform is None else self.transform(np.asarray(image))


@misconception(
    of="CatsVsDogs",
    hint="Leave the size of the images as it is: to change it is the work of a transform.",
)
class PicturesResized(PicturesOfAFolder):
    def read(self, index: int) -> Any:
        return super().read(index).resize((8, 8))


@misconception(
    of="CatsVsDogs",
    hint="Sort the paths: a folder lists its files in any order, on every machine another.",
)
class PicturesUnsorted(PicturesOfAFolder):
    def in_order(self, names: list[str]) -> list[str]:
        return names


@misconception(
    of="CatsVsDogs", hint="Keep the order of the paths as strings: cat.10.jpg, then cat.2.jpg."
)
class PicturesByNumber(PicturesOfAFolder):
    def in_order(self, names: list[str]) -> list[str]:
        right = [name for name in sorted(names) if name.endswith(".jpg")]
        return sorted(right, key=lambda name: (name[:3], int(name.split(".")[1])))


@misconception(of="CatsVsDogs", hint=LAST_PART_OF_A_PICTURE)
class PicturesLabelledByTheFolder(PicturesOfAFolder):
    def label(self, path: str) -> int:
        super().label(path)
        return 1 if "dog" in path else 0


@misconception(
    of="CatsVsDogs", hint="Cats are class 0 and dogs are class 1: they are swapped here."
)
class PicturesOfDogsAndCats(PicturesOfAFolder):
    def label(self, path: str) -> int:
        return 1 - super().label(path)


@misconception(
    of="CatsVsDogs", hint="Give each picture its own label: here it is a tensor, not an int."
)
class PicturesWithTensorLabels(PicturesOfAFolder):
    def __getitem__(self, index: int) -> Any:
        image, label = super().__getitem__(index)
        return image, torch.tensor(label)
