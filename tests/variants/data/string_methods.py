"""Names taken apart by methods of str, folders read by os.scandir, memory looked at."""

import os

import torch

DIGITS = frozenset("0123456789")
CLASSES = {"cat": 0, "dog": 1}


def label_from_filename(name):
    _, file = os.path.split(os.fspath(name))
    animal, first_dot, rest = file.partition(".")
    digits, second_dot, ending = rest.partition(".")
    complete = first_dot == second_dot == "." and ending == "jpg"
    if not complete or not digits or not DIGITS.issuperset(digits) or animal not in CLASSES:
        raise ValueError("no picture of a cat or a dog: " + os.fspath(name))
    return CLASSES[animal]


def labelled_images(folder):
    with os.scandir(folder) as entries:
        pictures = [
            entry.path for entry in entries if entry.name[-4:] == ".jpg" and entry.is_file()
        ]
    pictures.sort()
    return [(picture, label_from_filename(picture)) for picture in pictures]


def shared_tensor(array):
    if memoryview(array).readonly:
        raise ValueError("read-only memory")
    return torch.from_numpy(array)
