"""A compiled pattern with named groups, one list comprehension, and numpy asked for permission."""

import os
import re

import numpy as np
import torch

PATTERN = re.compile(r"^(?:(?P<cat>cat)|(?P<dog>dog))\.\d+\.jpg\Z", re.ASCII)


def label_from_filename(name):
    found = PATTERN.match(os.path.basename(name))
    if not found:
        raise ValueError(f"cannot tell the class of {os.path.basename(name)!r}")
    return 1 if found["dog"] else 0


def labelled_images(folder):
    return sorted(
        [
            (os.path.join(folder, name), label_from_filename(name))
            for name in os.listdir(folder)
            if os.path.splitext(name)[1] == ".jpg" and os.path.isfile(os.path.join(folder, name))
        ]
    )


def shared_tensor(array):
    if np.require(array, requirements="W") is not array:  # then it made a copy that is writable
        raise ValueError("a read-only array shares nothing that can be written")
    return torch.as_tensor(array)
