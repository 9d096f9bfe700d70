"""What goes wrong in `labelled_images`."""

import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.misconceptions import misconception

Pair = tuple[Any, int]
SORT_THE_PATHS = "Sort the paths: a folder lists its files in any order, on every machine another."
JPG_ALONE = "Take the names that end in .jpg and no others: all other files are ignored."
A_LABEL_IS_MISSING = (
    "Let the ValueError of a .jpg without a label reach the caller: such a file is not skipped."
)
NO_SUCH_FOLDER = (
    "Raise FileNotFoundError where there is no such folder: an empty list or another error hides "
    "what is wrong."
)
PATHS_WITH_LABELS = "Return a list of pairs, the path first and its label second."


def label_of_file(path: Any) -> int:
    file = os.path.basename(path)
    found = re.fullmatch(r"(cat|dog)\.[0-9]+\.jpg", file)
    if found is None:
        raise ValueError(f"{file} has no label")
    return int(found[1] == "dog")


def jpg_files(folder: Any) -> list[str]:
    """Right but for the order."""
    paths = [os.path.join(folder, name) for name in os.listdir(folder)]
    return [path for path in paths if path.endswith(".jpg") and os.path.isfile(path)]


def in_pairs(paths: Iterable[Any]) -> list[Pair]:
    return [(path, label_of_file(path)) for path in paths]


def number_of(path: Any) -> int:
    return int(os.path.basename(path).split(".")[1])


@misconception(of="labelled_images", hint=SORT_THE_PATHS)
def images_unsorted(folder: Any) -> list[Pair]:
    return in_pairs(jpg_files(folder))


@misconception(
    of="labelled_images",
    hint="Sort the paths as strings: cat.10.jpg comes before cat.2.jpg, and cats before dogs.",
)
def images_by_number(folder: Any) -> list[Pair]:
    pairs = in_pairs(jpg_files(folder))
    return sorted(pairs, key=lambda pair: (pair[1], number_of(pair[0])))


@misconception(
    of="labelled_images",
    hint="Sort the paths as strings: cat.10.jpg comes before cat.2.jpg, and cats before dogs.",
)
def images_by_number_alone(folder: Any) -> list[Pair]:
    pairs = in_pairs(sorted(jpg_files(folder)))
    return sorted(pairs, key=lambda pair: number_of(pair[0]))


@misconception(of="labelled_images", hint="Sort the paths from a to z: this is the other way.")
def images_backwards(folder: Any) -> list[Pair]:
    return in_pairs(sorted(jpg_files(folder), reverse=True))


@misconception(
    of="labelled_images",
    hint="Ask whether it is a file: the name of a folder may end in .jpg, too.",
)
def images_and_folders(folder: Any) -> list[Pair]:
    names = sorted(name for name in os.listdir(folder) if name.endswith(".jpg"))
    return in_pairs(os.path.join(folder, name) for name in names)


@misconception(of="labelled_images", hint=JPG_ALONE)
def images_and_other_files(folder: Any) -> list[Pair]:
    return in_pairs(path for path in sorted(Path(folder).iterdir()) if path.is_file())


@misconception(of="labelled_images", hint=JPG_ALONE)
def images_whatever_the_case(folder: Any) -> list[Pair]:
    paths = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return in_pairs(path for path in paths if path.name.lower().endswith(".jpg"))


@misconception(of="labelled_images", hint=JPG_ALONE)
def images_with_jpeg_and_png(folder: Any) -> list[Pair]:
    paths = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return in_pairs(path for path in paths if path.suffix in (".jpg", ".jpeg", ".png"))


@misconception(of="labelled_images", hint=JPG_ALONE)
def images_that_end_in_jpg_without_a_dot(folder: Any) -> list[Pair]:
    paths = sorted(path for path in Path(folder).iterdir() if path.is_file())
    return in_pairs(path for path in paths if path.name.endswith("jpg"))


@misconception(
    of="labelled_images", hint="List the folder itself, and not what is in the folders below it."
)
def images_of_folders_below(folder: Any) -> list[Pair]:
    os.listdir(folder)
    return in_pairs(path for path in sorted(Path(folder).rglob("*.jpg")) if path.is_file())


@misconception(of="labelled_images", hint=A_LABEL_IS_MISSING)
def images_without_the_unlabelled(folder: Any) -> list[Pair]:
    found = []
    for path in sorted(jpg_files(folder)):
        try:
            found.append((path, label_of_file(path)))
        except ValueError:
            continue
    return found


@misconception(of="labelled_images", hint=A_LABEL_IS_MISSING)
def images_by_two_patterns(folder: Any) -> list[Pair]:
    paths = [*Path(folder).glob("cat.*.jpg"), *Path(folder).glob("dog.*.jpg")]
    os.listdir(folder)
    return in_pairs(path for path in sorted(paths) if path.is_file())


@misconception(
    of="labelled_images",
    hint="Raise ValueError for a .jpg that is neither a cat nor a dog: it is no dog by default.",
)
def images_of_dogs_otherwise(folder: Any) -> list[Pair]:
    return [(path, 0 if "/cat." in path else 1) for path in sorted(jpg_files(folder))]


@misconception(
    of="labelled_images",
    hint="Look at the last part of the path alone: a folder may be called cats, too.",
)
def images_labelled_by_the_folder(folder: Any) -> list[Pair]:
    pairs = in_pairs(sorted(jpg_files(folder)))
    return [(path, 0 if "cat" in os.fspath(path) else 1) for path, _ in pairs]


@misconception(
    of="labelled_images",
    hint="Look at the last part of the path alone: a folder may be called cats, too.",
)
def images_labelled_dog_by_the_folder(folder: Any) -> list[Pair]:
    pairs = in_pairs(sorted(jpg_files(folder)))
    return [(path, 1 if "dog" in os.fspath(path) else 0) for path, _ in pairs]


@misconception(of="labelled_images", hint=NO_SUCH_FOLDER)
def images_of_a_missing_folder(folder: Any) -> list[Pair]:
    paths = sorted(glob.glob(os.path.join(folder, "*.jpg")))
    return in_pairs(path for path in paths if os.path.isfile(path))


@misconception(of="labelled_images", hint=NO_SUCH_FOLDER)
def images_or_value_error(folder: Any) -> list[Pair]:
    if not os.path.isdir(folder):
        raise ValueError(f"{folder} is no folder")
    return in_pairs(sorted(jpg_files(folder)))


@misconception(
    of="labelled_images",
    hint="Return an empty list where a folder has no pictures: that is no error.",
)
def images_or_an_error(folder: Any) -> list[Pair]:
    paths = sorted(jpg_files(folder))
    if not paths:
        raise FileNotFoundError(f"no pictures in {folder}")
    return in_pairs(paths)


@misconception(
    of="labelled_images",
    hint="Join the folder and the name: the name alone leads to no file.",
)
def images_by_name(folder: Any) -> list[Pair]:
    return in_pairs(os.path.basename(path) for path in sorted(jpg_files(folder)))


@misconception(
    of="labelled_images",
    hint="Join the folder and the name before you ask whether it is a file: a bare name is looked "
    "for where the program runs.",
)
def images_looked_for_elsewhere(folder: Any) -> list[Pair]:
    names = sorted(name for name in os.listdir(folder) if name.endswith(".jpg"))
    return in_pairs(os.path.join(folder, name) for name in names if os.path.isfile(name))


@misconception(
    of="labelled_images", hint="Keep the folder as it was given: do not make the path absolute."
)
def images_with_absolute_paths(folder: Any) -> list[Pair]:
    return in_pairs(os.path.abspath(path) for path in sorted(jpg_files(folder)))


@misconception(of="labelled_images", hint=PATHS_WITH_LABELS)
def images_without_labels(folder: Any) -> list[Any]:
    return [path for path, _ in in_pairs(sorted(jpg_files(folder)))]


@misconception(of="labelled_images", hint=PATHS_WITH_LABELS)
def images_with_the_label_first(folder: Any) -> list[Any]:
    return [(label, path) for path, label in in_pairs(sorted(jpg_files(folder)))]


@misconception(of="labelled_images", hint=PATHS_WITH_LABELS)
def images_as_a_dictionary(folder: Any) -> dict[Any, int]:
    return dict(in_pairs(sorted(jpg_files(folder))))


@misconception(
    of="labelled_images",
    hint="Return a list: a generator has no length, and can be walked through only once.",
)
def images_as_a_generator(folder: Any) -> Any:
    return (pair for pair in in_pairs(sorted(jpg_files(folder))))
