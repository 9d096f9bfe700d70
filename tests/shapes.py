"""A class of hand-ins of every hostile, damaged or merely odd shape that a file system can hold.

    python tests/shapes.py FOLDER

makes it in FOLDER/class, and in FOLDER/course a course of one function, so that a grade costs
little. It is run by the user who will grade, so that all is that user's; what only root can make is
made where root runs it. FOLDER/outside holds what no hand-in may reach.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from shapes_of_archives import FILES
from shapes_of_folders import CANARY, FOLDERS, STRANGER, write

MANIFEST = """format = 1
title = "Shapes"

[[exercises]]
name = "losses"
title = "One loss"
points = 100
functions = ["l1_loss"]
"""
SOURCE = '''"""One loss: the mean of |input - target| over N × C numbers."""

import torch


def _distance(input, target):
    return (input - target).abs()


def l1_loss(input, target, reduction="mean"):
    """As torch has it."""
    ### BEGIN SOLUTION
    distance = _distance(input, target)
    return distance.mean() if reduction == "mean" else distance.sum()
    ### END SOLUTION
'''
CHECK = """import torch
import torch.nn.functional as F
from grader.checking import assert_matches, points


@points(50)
def test_l1_loss_of_{reduction}(losses):
    \"\"\"l1_loss agrees with torch.\"\"\"
    pair = torch.tensor([1.0, -2.0]), torch.tensor([0.5, 0.0])
    assert_matches(losses.l1_loss, F.l1_loss, *pair, reduction="{reduction}")
"""


def make_course(place: Path) -> None:
    write(place / "course.toml", MANIFEST.encode())
    write(place / "solutions" / "losses.py", SOURCE.encode())
    write(place / "exercises" / "test_losses.py", CHECK.format(reduction="mean").encode())
    write(place / "grader" / "checks" / "test_losses.py", CHECK.format(reduction="sum").encode())


def make_class(place: Path, source: bytes) -> None:
    outside = f"raise RuntimeError('{CANARY}')\n".encode()
    write(place / "outside" / "losses.py", outside)
    (place / "class").mkdir()
    parent = os.fsencode(place / "class")
    for name, maker in FOLDERS.items():
        folder = os.path.join(parent, os.fsencode(name))
        os.mkdir(folder)
        maker(Path(os.fsdecode(folder)), source)
    for name, maker in FILES.items():
        maker(Path(os.fsdecode(os.path.join(parent, os.fsencode(name)))), source)
    if os.geteuid() == 0:
        os.chown(place / "class" / "source is a hard link", STRANGER + 1, STRANGER + 1)


if __name__ == "__main__":
    make_course(Path(sys.argv[1]) / "course")
    make_class(Path(sys.argv[1]), SOURCE.encode())
