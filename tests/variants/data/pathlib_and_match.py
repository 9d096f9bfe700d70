"""pathlib from end to end, and a match statement on the parts of a name."""

from pathlib import Path, PurePath

from PIL import Image
from torch.utils.data import Dataset


def label_from_filename(name):
    file = PurePath(name)
    match file.name.split("."):
        case ["cat" | "dog" as animal, digits, "jpg"] if digits.isascii() and digits.isdecimal():
            return {"cat": 0, "dog": 1}[animal]
        case _:
            raise ValueError(f"{file} is neither a cat nor a dog")


def labelled_images(folder):
    folder = Path(folder)
    folder.stat()  # a glob says nothing of a folder that is not there
    files = filter(Path.is_file, folder.glob("*.jpg"))
    return [(str(file), label_from_filename(file)) for file in sorted(files, key=str)]


class CatsVsDogs(Dataset):
    def __init__(self, folder, transform=None):
        super().__init__()
        self.files, self.labels = [], []
        for file, label in labelled_images(folder):
            self.files.append(Path(file))
            self.labels.append(label)
        self.transform = transform or (lambda image: image)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = Image.open(self.files[index].open("rb"))
        if image.mode != "RGB":
            image = image.convert("RGB")
        return self.transform(image), self.labels[index]
