"""The first step of os.walk, which lists files and folders apart."""

import os
from pathlib import Path


def labelled_images(folder):
    def fail(error):
        raise error

    for root, _, names in os.walk(folder, onerror=fail):
        wanted = [Path(root, name) for name in names if name.endswith(".jpg")]
        return [(path, label_from_filename(path)) for path in sorted(wanted)]
    return []


def label_from_filename(name):
    path = Path(name)
    stem, middle = path.with_suffix("").stem, path.with_suffix("").suffix
    number = middle.removeprefix(".")
    known = stem in ("cat", "dog") and path.suffix == ".jpg"
    if known and set(number) <= set("0123456789") and number and middle != number:
        return int(stem == "dog")
    raise ValueError(f"{path.name}: not cat.DIGITS.jpg, not dog.DIGITS.jpg")
