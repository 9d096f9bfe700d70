"""Probes of data: names of files, folders of pictures, and memory that is shared.

Each probe makes the files that it needs in a new folder, which is the current one meanwhile: so
every path is relative, and what is observed does not depend on where the folder is.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import torch
from torch.utils.data import Dataset

from grader.probes.observe import plain

if TYPE_CHECKING:
    import numpy as np


_LARGEST_PICTURE = 64  # pixels, in width and height


class OtherPath(os.PathLike[str]):
    """A path that is neither a str nor a pathlib.Path."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return f"OtherPath({self._path!r})"


PATHS: dict[str, Callable[[str], Any]] = {"str": str, "Path": Path, "OtherPath": OtherPath}


def call_with_path(
    subject: Callable[..., Any], device: str, path: str, kind: str = "Path"
) -> dict[str, Any]:
    """Call `subject` with a path that is no str, of one of the kinds in PATHS."""
    return {"value": plain(subject(PATHS[kind](path))), "devices": [], "changed": []}


def call_each(subject: Callable[..., Any], device: str, paths: Sequence[str]) -> dict[str, Any]:
    """Call `subject` with one path after the other: a list of what it returns."""
    return {"value": [plain(subject(path)) for path in paths], "devices": [], "changed": []}


# folders


@contextlib.contextmanager
def new_folder() -> Iterator[None]:
    """Go to a new, empty folder; afterwards go back, and remove it."""
    with tempfile.TemporaryDirectory(prefix="data-", ignore_cleanup_errors=True) as folder:
        before = os.getcwd()
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@contextlib.contextmanager
def replaced(owner: Any, **values: Any) -> Iterator[None]:
    """Give `owner` other attributes for a while."""
    before = {name: getattr(owner, name) for name in values}
    try:
        for name, value in values.items():
            setattr(owner, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(owner, name, value)


@contextlib.contextmanager
def files_in(*names: str) -> Iterator[None]:
    """Go to a new folder with these files, all empty; a name that ends in / is a folder's."""
    with new_folder():
        for name in names:
            path = Path(name)
            folder = path if name.endswith("/") else path.parent
            folder.mkdir(parents=True, exist_ok=True)
            if folder is not path:
                path.touch()
        yield


def list_images(
    subject: Callable[..., Any], device: str, folder: str, files: Sequence[str], kind: str = "str"
) -> dict[str, Any]:
    """Have `subject` list the pictures of `folder`, in a new folder that holds `files`.

    `kind` is how the folder is given. The value is a list of [path, label].
    """
    with files_in(*files):
        here = os.getcwd()
        found = subject(PATHS[kind](folder))
        changed = [] if os.getcwd() == here else ["the working directory"]
    return {"value": _listed(found), "devices": [], "changed": changed}


def _listed(found: Any) -> Any:
    """A list of pairs as plain data, its paths as text."""
    if not isinstance(found, list):
        return plain(found)
    pairs = [list(pair) if isinstance(pair, (tuple, list)) else pair for pair in found]
    return [
        [_path_text(pair[0]), *plain(pair[1:])] if isinstance(pair, list) and pair else plain(pair)
        for pair in pairs
    ]


def _path_text(path: Any) -> Any:
    if not isinstance(path, (str, os.PathLike)):
        return plain(path)
    pure = PurePath(path)
    text = f"an absolute path to {pure.name}" if pure.is_absolute() else pure.as_posix()
    return plain(text)


# pictures


@contextlib.contextmanager
def pictures_in(pictures: Mapping[str, tuple[str, Any]]) -> Iterator[None]:
    """Go to a new folder with these pictures: path → (kind, rows of [red, green, blue]).

    What a file holds is decided by the kind alone, "JPEG" or "PNG" after the mode that it is saved
    in: "L" for grey, "P" with a palette, "RGBA" with an alpha channel, "RGB".
    """
    import numpy as np
    from PIL import Image

    with files_in(*pictures):
        for path, (kind, pixels) in pictures.items():
            mode, file_format = kind.split()
            image = Image.fromarray(np.array(pixels, dtype=np.uint8))
            image.convert(mode, dither=Image.Dither.NONE).save(path, format=file_format)
        yield


class Noting:
    """A transform that notes how often it was called, and with what."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, image: Any) -> list[Any]:
        self.calls += 1
        return [f"call {self.calls} of transform", _picture(image)]


def read_dataset(
    subject: Callable[..., Any],
    device: str,
    folder: str,
    pictures: Mapping[str, tuple[str, Any]],
    indices: Sequence[int],
    transform: bool = False,
    kind: str = "str",
) -> dict[str, Any]:
    """Build a dataset of the pictures in `folder` and ask for those numbered `indices`."""
    with pictures_in(pictures):
        given = {"transform": Noting()} if transform else {}
        dataset = subject(PATHS[kind](folder), **given)
        value = {
            "a torch Dataset": isinstance(dataset, Dataset),
            "length": plain(len(dataset)) if hasattr(dataset, "__len__") else "it has none",
            "items": [_item(dataset[index]) for index in indices],
        }
    return {"value": value, "devices": [], "changed": []}


def _item(item: Any) -> Any:
    if not isinstance(item, (tuple, list)):
        return _picture(item)
    return [part if isinstance(part, list) else _picture(part) for part in item]


def _picture(value: Any) -> Any:
    """A PIL image as its mode and its pixels, row by row; anything else as plain data.

    Of a large image, which no probe gives, the pixels are left out.
    """
    import numpy as np
    from PIL import Image

    if not isinstance(value, Image.Image):
        return plain(value)
    if max(value.size) > _LARGEST_PICTURE:
        return {"mode": value.mode, "size": list(value.size)}
    return {"mode": value.mode, "pixels": np.asarray(value).tolist()}


# memory


def share(
    subject: Callable[..., Any],
    device: str,
    values: torch.Tensor,
    written: torch.Tensor,
    layout: str = "whole",
) -> dict[str, Any]:
    """Make a tensor of a numpy array, then write to the array, then to the tensor.

    `layout` is one of LAYOUTS, or "read-only".
    """
    array = an_array(values, layout)
    tensor = subject(array)
    if not isinstance(tensor, torch.Tensor):
        return {"value": plain(tensor), "devices": [], "changed": []}
    value = {"the tensor": plain(tensor)}
    array[...] = written.numpy()
    value["the tensor after the array was written"] = plain(tensor)
    if tensor.shape == values.shape:
        with torch.no_grad():
            tensor.copy_(values)
        value["the array after the tensor was written"] = torch.from_numpy(array.copy())
    return {"value": value, "devices": [], "changed": []}


def keep_read_only(
    subject: Callable[..., Any], device: str, values: torch.Tensor
) -> dict[str, Any]:
    """Call `subject` with a read-only array; an exception passes, if the array is read-only yet."""
    import warnings

    array = an_array(values, "read-only")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, of an array that is not writable
        try:
            value = plain(subject(array))
        except ValueError:
            if array.flags.writeable:
                return {"value": "an array that can be written", "devices": [], "changed": []}
            raise
    return {"value": value, "devices": [], "changed": []}


def an_array(values: torch.Tensor, layout: str = "whole") -> np.ndarray:
    """A numpy array of these values, as a view of one of the LAYOUTS, or "read-only"."""
    array = values.numpy().copy()
    if layout == "read-only":
        array.flags.writeable = False
        return array
    view: np.ndarray = LAYOUTS[layout](array)
    return view


def _transposed(array: np.ndarray) -> np.ndarray:
    return array.T.copy().T


def _every_other(array: np.ndarray) -> np.ndarray:
    """Every other column of an array that is twice as wide."""
    return array.repeat(2, axis=-1)[..., ::2]


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "whole": lambda array: array,
    "transposed": _transposed,
    "every other column": _every_other,
}
