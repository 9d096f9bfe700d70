"""What goes wrong in `label_from_filename`."""

import os
import re
from typing import Any

from grader.misconceptions import misconception

LAST_PART_ALONE = "Look at the last part of the path alone: a folder may be called cats, too."
NEITHER_RAISES = (
    "Raise ValueError for any other name: who gets a number, or None, goes on with it as if it "
    "were right."
)
TAKE_ANY_PATH = (
    "Take any path: os.fspath makes a str of a Path or another os.PathLike, and leaves a str as "
    "it is."
)
NAME = r"(cat|dog)\.[0-9]+\.jpg"


def last_part(name: Any) -> str:
    return str(os.path.basename(name))


def refuse_name(file: str) -> int:
    raise ValueError(f"{file} is not called as a picture of a cat or a dog is")


def label_by_pattern(pattern: str, file: str, flags: int = 0) -> int:
    found = re.fullmatch(pattern, file, flags)
    return refuse_name(file) if found is None else int(found[1].lower() == "dog")


def right_label(name: Any) -> int:
    return label_by_pattern(NAME, last_part(name))


@misconception(of="label_from_filename", hint=LAST_PART_ALONE)
def label_cat_in_the_path(name: Any) -> int:
    right_label(name)
    return 0 if "cat" in os.fspath(name) else 1


@misconception(of="label_from_filename", hint=LAST_PART_ALONE)
def label_dog_in_the_path(name: Any) -> int:
    right_label(name)
    return 1 if "dog" in os.fspath(name) else 0


@misconception(of="label_from_filename", hint=LAST_PART_ALONE)
def label_of_the_whole_path(name: Any) -> int:
    return label_by_pattern(NAME, os.fspath(name))


@misconception(of="label_from_filename", hint=NEITHER_RAISES)
def label_dog_otherwise(name: Any) -> int:
    return 0 if last_part(name).startswith("cat") else 1


@misconception(of="label_from_filename", hint=NEITHER_RAISES)
def label_cat_otherwise(name: Any) -> int:
    return 1 if last_part(name).startswith("dog") else 0


@misconception(of="label_from_filename", hint=NEITHER_RAISES)
def label_none_otherwise(name: Any) -> int | None:
    found = re.fullmatch(NAME, last_part(name))
    return None if found is None else int(found[1] == "dog")


@misconception(of="label_from_filename", hint=NEITHER_RAISES)
def label_minus_one_otherwise(name: Any) -> int:
    found = re.fullmatch(NAME, last_part(name))
    return -1 if found is None else int(found[1] == "dog")


@misconception(
    of="label_from_filename",
    hint="Check the whole name, not only how it begins: behind the animal come a dot, digits and "
    ".jpg.",
)
def label_by_the_beginning(name: Any) -> int:
    return label_by_pattern("(cat|dog).*", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Check the whole name, not only whether the animal and .jpg are somewhere in it.",
)
def label_by_what_is_in_it(name: Any) -> int:
    file = last_part(name)
    if ".jpg" in file and "cat" in file:
        return 0
    return 1 if ".jpg" in file and "dog" in file else refuse_name(file)


@misconception(
    of="label_from_filename",
    hint="Check the part between the dots, too: it has to be one or more digits.",
)
def label_whatever_the_number(name: Any) -> int:
    return label_by_pattern(r"(cat|dog)\..*\.jpg", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Check the part between the dots, too: it has to be one or more digits.",
)
def label_by_first_and_last_part(name: Any) -> int:
    parts = last_part(name).split(".")
    right = parts[0] in ("cat", "dog") and parts[-1] == "jpg"
    return int(parts[0] == "dog") if right else refuse_name(last_part(name))


@misconception(
    of="label_from_filename", hint="Check up to the end of the name: nothing may follow .jpg."
)
def label_open_at_the_end(name: Any) -> int:
    return label_by_pattern(NAME + ".*", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Check from the beginning of the name: nothing may come before the animal.",
)
def label_open_at_the_beginning(name: Any) -> int:
    return label_by_pattern(".*?" + NAME, last_part(name))


@misconception(
    of="label_from_filename",
    hint="Check the whole name: a search is content with a part of it.",
)
def label_found_anywhere(name: Any) -> int:
    return label_by_pattern(".*?" + NAME + ".*", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Escape the dots: in a regular expression a dot stands for any character.",
)
def label_with_any_character_for_a_dot(name: Any) -> int:
    return label_by_pattern("(cat|dog).[0-9]+.jpg", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Ask for digits and nothing else: int() also takes signs, spaces and underscores.",
)
def label_with_a_number_by_int(name: Any) -> int:
    file = last_part(name)
    parts = file.split(".")
    if len(parts) != 3 or parts[0] not in ("cat", "dog") or parts[2] != "jpg":
        refuse_name(file)
    try:
        int(parts[1])
    except ValueError:
        refuse_name(file)
    return int(parts[0] == "dog")


@misconception(of="label_from_filename", hint="Ask for at least one digit between the two dots.")
def label_with_no_digits(name: Any) -> int:
    return label_by_pattern(r"(cat|dog)\.[0-9]*\.jpg", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Ask for the ending .jpg: another one, or none, is refused.",
)
def label_whatever_the_ending(name: Any) -> int:
    return label_by_pattern(r"(cat|dog)\.[0-9]+(\..*)?", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Ask for the ending .jpg: another one, or none, is refused.",
)
def label_with_jpeg_and_png(name: Any) -> int:
    return label_by_pattern(r"(cat|dog)\.[0-9]+\.(jpg|jpeg|png)", last_part(name))


@misconception(
    of="label_from_filename",
    hint="Tell capital letters from small ones: a name with capital letters is refused.",
)
def label_whatever_the_case(name: Any) -> int:
    return label_by_pattern(NAME, last_part(name), re.IGNORECASE)


@misconception(
    of="label_from_filename",
    hint="Take the name as it is: with spaces around it, it is another one.",
)
def label_of_the_stripped_name(name: Any) -> int:
    return label_by_pattern(NAME, last_part(name).strip())


@misconception(
    of="label_from_filename", hint="Cats are class 0 and dogs are class 1: they are swapped here."
)
def label_swapped(name: Any) -> int:
    return 1 - right_label(name)


@misconception(
    of="label_from_filename",
    hint="Return the int 0 or 1: of True and False a loader makes batches that no loss takes.",
)
def label_as_truth_value(name: Any) -> bool:
    return right_label(name) == 1


@misconception(
    of="label_from_filename", hint="Return the number of the class, 0 or 1, and not its name."
)
def label_as_name(name: Any) -> str:
    return ("cat", "dog")[right_label(name)]


@misconception(
    of="label_from_filename",
    hint="Raise ValueError for any other name: an error of another type is not what callers catch.",
)
def label_raises_key_error(name: Any) -> int:
    found = re.fullmatch(NAME, last_part(name))
    if found is None:
        raise KeyError(last_part(name))
    return int(found[1] == "dog")


@misconception(
    of="label_from_filename",
    hint="Name the file in the message of the error: among thousands nobody finds it otherwise.",
)
def label_error_names_no_file(name: Any) -> int:
    found = re.fullmatch(NAME, last_part(name))
    if found is None:
        raise ValueError("not the name of a cat or a dog")
    return int(found[1] == "dog")


@misconception(of="label_from_filename", hint=TAKE_ANY_PATH)
def label_of_a_str_alone(name: Any) -> int:
    return label_by_pattern(NAME, name.split("/")[-1])


@misconception(of="label_from_filename", hint=TAKE_ANY_PATH)
def label_of_the_path_as_shown(name: Any) -> int:
    return label_by_pattern(NAME, str(name).split("/")[-1])


@misconception(of="label_from_filename", hint=TAKE_ANY_PATH)
def label_of_a_path_object_alone(name: Any) -> int:
    return label_by_pattern(NAME, name.name)


@misconception(
    of="label_from_filename", hint="Judge by the name alone: the file itself need not exist."
)
def label_of_a_file_that_exists(name: Any) -> int:
    if not os.path.isfile(name):
        raise FileNotFoundError(last_part(name))
    return right_label(name)
