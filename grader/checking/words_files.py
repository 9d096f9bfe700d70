"""The words of the probes of data: folders, pictures, arrays and loaders, made in a few lines."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from grader.checking.question import Question
from grader.checking.words_values import Part, call_text, list_text, python_text
from grader.probes import Probe, cifar, files

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]

_FILES = "from grader.probes.files import files_in  # makes these files, all empty, in a new folder"
_PICTURES = "from grader.probes.files import pictures_in  # makes these pictures in a new folder"
_CIFAR = "from grader.probes.cifar import cifar_in  # makes images in the files of CIFAR-10"
_VIEWS = {
    "whole": "",
    "transposed": ".T.copy().T",
    "every other column": ".repeat(2, axis=-1)[..., ::2]",
}


# what was done


def call_with_path(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(files.call_with_path, args, kwargs)
    return "\n".join([*_imported(run.kind), f"{function}({_path(run.path, run.kind)})"])


def call_each(function: str, args: Args, kwargs: Kwargs) -> str:
    (paths,) = args
    return "\n".join(
        [list_text(list(map(repr, paths)), "paths = "), f"[{function}(path) for path in paths]"]
    )


def list_images(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(files.list_images, args, kwargs)
    made = call_text("files_in", [repr(name) for name in run.files], "with ")
    called = f"    {function}({_path(run.folder, run.kind)})"
    return "\n".join([_FILES, *_imported(run.kind), f"{made}:", called])


def read_dataset(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(files.read_dataset, args, kwargs)
    given = [_path(run.folder, run.kind)] + (["transform=Noting()"] if run.transform else [])
    noting = "from grader.probes.files import Noting  # a transform that counts its calls"
    return "\n".join(
        [
            _PICTURES,
            *([noting] if run.transform else []),
            *_imported(run.kind),
            "pictures = {",
            *(f"    {name!r}: {python_text(made)}," for name, made in run.pictures.items()),
            "}",
            "with pictures_in(pictures):",
            f"    dataset = {call_text(function, given)}",
            f"    len(dataset), [dataset[index] for index in {list(run.indices)}]",
        ]
    )


def share(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(files.share, args, kwargs)
    return "\n".join(
        [
            f"values = {python_text(run.values)}",
            f"array = values.numpy().copy(){_VIEWS[run.layout]}",
            f"tensor = {function}(array)",
            f"array[...] = {python_text(run.written)}.numpy()",
            "tensor",
            "_ = tensor.copy_(values)",
            "array",
        ]
    )


def keep_read_only(function: str, args: Args, kwargs: Kwargs) -> str:
    (values,) = args
    return "\n".join(
        [
            f"array = {python_text(values)}.numpy()",
            "array.flags.writeable = False",
            f"{function}(array)",
        ]
    )


def load_batches(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(cifar.load_batches, args, kwargs)
    given = [_path("data", run.kind), str(run.train), str(run.batch_size), "False"]
    given += [] if run.seed is None else [f"torch.Generator().manual_seed({run.seed})"]
    made = _made(run.train, run.images, run.pictures)
    return "\n".join(
        [
            _CIFAR,
            *_imported(run.kind),
            f"with {made}:",
            f"    list({call_text(function, given)})",
        ]
    )


def summarize_batches(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(cifar.summarize_batches, args, kwargs)
    shown = "[(images.shape, images.min(), images.max(), labels) for images, labels in loader]"
    return "\n".join(
        [
            _CIFAR,
            f"with {_made(run.train, run.images)}:",
            f"    loader = {function}('data', {run.train}, {run.batch_size}, False)",
            f"    {shown}",
        ]
    )


def shuffle_images(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(cifar.shuffle_images, args, kwargs)
    given = [repr("data"), str(run.train), str(run.batch_size), "True"]
    seeded = "generator = torch.Generator().manual_seed(1)"
    return "\n".join(
        [
            _CIFAR,
            seeded if run.seeded else "_ = torch.manual_seed(1)",
            f"with {_made(run.train, 10, run.pictures)}:",
            f"    loader = {call_text(function, [*given, *(['generator'] if run.seeded else [])])}",
            "    [[labels.tolist() for _, labels in loader] for epoch in range(2)]",
            "    [(images.double().mean(dim=(1, 2, 3)), labels) for images, labels in loader]",
        ]
    )


def load_missing(function: str, args: Args, kwargs: Kwargs) -> str:
    run = _run(cifar.load_missing, args, kwargs)
    return "\n".join(
        [
            "import contextlib",
            _CIFAR,
            f"with cifar_in('data', missing={list(run.missing)}) as asked:",
            "    with contextlib.suppress(Exception):",
            f"        {function}('data', {run.train}, 4, False)",
            "    asked  # the addresses that were asked for",
        ]
    )


# what a part of it is called


def place_of_each(question: Question, part: Part) -> str | None:
    if len(part) != 2:
        return None
    return f"the label of paths[{part[1]}]" if len(question.args[0]) > 1 else "the label"


def one_path(question: Question, part: Part) -> Question:
    """Of several paths the one that was taken for another."""
    match part:
        case ("value", int(which)):
            return replace(question, args=([question.args[0][which]],))
    return question


def place_in_dataset(question: Question, part: Part) -> str | None:
    run = _run(files.read_dataset, question.args, question.kwargs)
    match part:
        case ("value", "length"):
            return "len(dataset)"
        case ("value", "items", int(which), *rest):
            item = f"dataset[{run.indices[min(which, len(run.indices) - 1)]}]"
            if rest[:1] == [1]:
                return f"the label in {item}"
            what = "the mode of the image" if rest[-1:] == ["mode"] else "the image"
            return f"{what} in {item}" if rest else item
    return None


def place_in_batches(question: Question, part: Part) -> str | None:
    match part:
        case ("value", int(which)):
            return f"batch {which + 1}"
        case ("value", int(which), 0 | 1 as kind):
            return f"the {('images', 'labels')[kind]} of batch {which + 1}"
    return None


def place_in_summary(question: Question, part: Part) -> str | None:
    match part:
        case ("value", int(which)):
            return f"batch {which + 1}"
        case ("value", int(which), "from" | "to" as end):
            return f"the {'smallest' if end == 'from' else 'largest'} number in batch {which + 1}"
        case ("value", int(which), str(what), *_):
            return f"the {what} of batch {which + 1}"
    return None


# what is not needed to see it is left out


def one_picture(question: Question, part: Part) -> Question:
    """Where the mode of an image is wrong: a folder with that picture alone."""
    run = _run(files.read_dataset, question.args, question.kwargs)
    match part:
        case ("value", "items", int(which), *_, "mode"):
            path = sorted(name for name in run.pictures if name.endswith(".jpg"))[
                run.indices[which]
            ]
            return replace(question, args=(run.folder, {path: run.pictures[path]}, [0]))
    return question


# the lines


def _run(probe: Probe, args: Args, kwargs: Kwargs) -> SimpleNamespace:
    """The arguments of a probe by their names, those that it has of its own included."""
    bound = inspect.signature(probe).bind(None, "cpu", *args, **kwargs)
    bound.apply_defaults()
    return SimpleNamespace(**bound.arguments)


def _path(path: str, kind: str) -> str:
    return repr(path) if kind == "str" else f"{kind}({path!r})"


def _imported(kind: str) -> Sequence[str]:
    return {
        "str": [],
        "Path": ["from pathlib import Path"],
        "OtherPath": ["from grader.probes.files import OtherPath  # an os.PathLike"],
    }[kind]


def _made(train: bool, count: int, pictures: int = 0) -> str:
    drawn = f", pictures={pictures}" if pictures else ""
    return f"cifar_in('data', {'train' if train else 'test'}={count}{drawn})"
