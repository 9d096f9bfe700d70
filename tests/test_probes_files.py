"""The probes of data: the files that they make, and what they see of right and wrong functions."""

from __future__ import annotations

import os
import re
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import solution
from PIL import Image
from torch.utils.data import DataLoader, RandomSampler
from torchvision.datasets import CIFAR10
from torchvision.transforms import ToTensor

from grader.probes import run_probe
from grader.probes.cifar import cifar_in
from grader.probes.files import OtherPath, files_in, new_folder, pictures_in

data = solution("data")
RED, BLUE, GREY = [255, 0, 0], [0, 0, 255], [204, 204, 204]
PICTURES = {
    "pets/dog.1.jpg": ("P PNG", [[RED, BLUE], [GREY, RED]]),
    "pets/cat.1.jpg": ("RGBA PNG", [[BLUE, RED]]),
    "pets/cat.2.jpg": ("L JPEG", [[[0] * 3]]),
    "pets/cat.3.jpg": ("RGB JPEG", [[[255] * 3, [255] * 3]]),
}


def value(probe: str, subject: Any, *args: Any, **kwargs: Any) -> Any:
    """What a probe sees; the folder and torchvision are as they were."""
    before = os.getcwd(), CIFAR10.train_list, CIFAR10.meta, urllib.request.urlopen
    try:
        observation = run_probe(probe, subject, "cpu", args, kwargs)
    finally:
        assert (os.getcwd(), CIFAR10.train_list, CIFAR10.meta, urllib.request.urlopen) == before
    assert observation.keys() == {"value", "devices", "changed"}
    assert observation["changed"] == []
    return observation["value"]


# folders


def test_a_new_folder_is_left_and_removed_whatever_happens() -> None:
    before = os.getcwd()
    with pytest.raises(KeyError), new_folder():
        folder = Path.cwd()
        assert list(folder.iterdir()) == []
        Path("some", "where").mkdir(parents=True)
        raise KeyError
    assert os.getcwd() == before
    assert not folder.exists()


def test_files_and_folders_are_made_as_they_are_called() -> None:
    with files_in("pets/cat.1.jpg", "pets/more.jpg/", "notes.txt"):
        assert Path("pets/cat.1.jpg").is_file() and Path("notes.txt").is_file()
        assert Path("pets/more.jpg").is_dir()


@pytest.mark.parametrize("kind", ["str", "Path", "OtherPath"])
def test_a_path_of_any_kind_arrives_as_such(kind: str) -> None:
    types = {"str": str, "Path": Path, "OtherPath": OtherPath}
    seen = value("call_with_path", lambda path: isinstance(path, types[kind]), "cat.0.jpg", kind)
    assert seen is True


def test_listed_paths_do_not_tell_where_the_folder_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "list_images", data.labelled_images, "pets", ["pets/dog.1.jpg", "pets/cat.10.jpg"]
    expected = [["pets/cat.10.jpg", 0], ["pets/dog.1.jpg", 1]]
    assert value(*asked) == value(*asked, kind="Path") == expected
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert value(*asked) == expected
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (lambda folder: [(f"./{folder}/x.jpg", 1)], [["pets/x.jpg", 1]]),
        (lambda folder: [("x.jpg", 1)], [["x.jpg", 1]]),
        (lambda folder: [(Path(folder).resolve(), 1)], [["an absolute path to pets", 1]]),
        (lambda folder: [(1, "pets/x.jpg"), "x", ()], [[1, "pets/x.jpg"], "x", []]),
        (lambda folder: (pair for pair in ()), {"type": "generator"}),
    ],
)
def test_whatever_is_listed_becomes_plain(listed: Any, expected: Any) -> None:
    assert value("list_images", listed, "pets", ["pets/"]) == expected


def test_a_function_that_goes_elsewhere_is_noticed_and_brought_back() -> None:
    before = os.getcwd()
    seen = run_probe("list_images", lambda folder: os.chdir(folder) or [], "cpu", ["p", ["p/"]], {})
    assert seen["changed"] == ["the working directory"]
    assert os.getcwd() == before


# pictures


def test_pictures_are_saved_as_they_are_said_to_be_whatever_their_names() -> None:
    with pictures_in(PICTURES):
        for path, (kind, _) in PICTURES.items():
            with Image.open(path) as image:
                assert f"{image.mode} {image.format}" == kind


def test_pictures_come_back_as_the_pixels_that_were_given() -> None:
    found = value("read_dataset", data.CatsVsDogs, "pets", PICTURES, [0, 1, 2, 3])
    expected = [
        [{"mode": "RGB", "pixels": PICTURES[path][1]}, int("dog" in path)]
        for path in sorted(PICTURES)
    ]
    assert found == {"a torch Dataset": True, "length": 4, "items": expected}


def test_a_transform_is_counted_and_sees_the_image() -> None:
    found = value("read_dataset", data.CatsVsDogs, "pets", PICTURES, [0, 0], transform=True)
    picture = {"mode": "RGB", "pixels": [[BLUE, RED]]}
    expected = [[[f"call {call} of transform", picture], 0] for call in (1, 2)]
    assert found["items"] == expected


def test_what_is_no_dataset_is_described_all_the_same() -> None:
    class Strange:
        def __init__(self, folder: str) -> None:
            self.folder = folder

        def __getitem__(self, index: int) -> Any:
            return {0: "a path", 1: (torch.ones(1), 0)}[index]

    found = value("read_dataset", Strange, "pets", {}, [0, 1])
    assert found == {
        "a torch Dataset": False,
        "length": "it has none",
        "items": ["a path", [torch.ones(1), 0]],
    }


# memory


@pytest.mark.parametrize("layout", ["whole", "transposed", "every other column"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.int64, torch.bool])
def test_sharing_and_copying_are_told_apart(layout: str, dtype: torch.dtype) -> None:
    first, second = torch.tensor([[1, 0, 1], [0, 1, 1]]), torch.tensor([[0, 1, 1], [1, 0, 0]])
    pair = first.to(dtype), second.to(dtype)
    shared = list(value("share", torch.from_numpy, *pair, layout=layout).values())
    expected = [pair[0], pair[1], pair[0]]
    assert all(torch.equal(*both) for both in zip(shared, expected, strict=True))
    copied = list(value("share", torch.tensor, *pair, layout=layout).values())
    expected = [pair[0], pair[0], pair[1]]
    assert all(torch.equal(*both) for both in zip(copied, expected, strict=True))


def test_views_are_not_contiguous() -> None:
    for layout in ("transposed", "every other column"):
        flags = []
        look = lambda array, seen=flags: seen.append(array.flags.c_contiguous)
        value("share", look, torch.ones(2, 3), torch.ones(2, 3), layout=layout)
        assert flags == [False]


def test_an_array_that_was_made_writable_is_noticed() -> None:
    def forces(array: Any) -> None:
        array.flags.writeable = True
        raise ValueError

    assert value("keep_read_only", forces, torch.ones(2)) == "an array that can be written"
    with pytest.raises(ValueError, match="read-only"):
        value("keep_read_only", data.shared_tensor, torch.ones(2))


# CIFAR-10


def test_torchvision_takes_the_made_images_for_its_own() -> None:
    with cifar_in("data", train=7, test=3):
        train, test = CIFAR10("data"), CIFAR10(Path("data"), train=False)
        assert (len(train), len(test)) == (7, 3)
        assert train.targets == list(range(7)) and test.targets == [7, 8, 9]
        pixels = torch.from_numpy(train.data[0])
        assert not torch.equal(pixels, pixels.transpose(0, 1))
        assert not torch.equal(pixels, pixels.flip(1))
        assert not torch.equal(pixels, pixels.flip(2))
    with pytest.raises(RuntimeError), new_folder():
        CIFAR10("data")


def test_batches_come_in_order_with_their_labels() -> None:
    batches = value("load_batches", data.cifar_loader, True, 4)
    assert [labels.tolist() for _, labels in batches] == [[0, 1, 2, 3], [4, 5, 6]]
    assert [images.shape for images, _ in batches] == [(4, 3, 32, 32), (3, 3, 32, 32)]
    summary = value("summarize_batches", data.cifar_loader, False, 2, images=3)
    assert [batch["labels"] for batch in summary] == [[0, 1], [2]]
    assert {(batch["from"], batch["to"]) for batch in summary} == {(0.0, 1.0)}


def loader(root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any = None) -> Any:
    return DataLoader(CIFAR10(root, train, ToTensor()), batch_size, shuffle, generator=generator)


def test_workers_are_not_started() -> None:
    def with_workers(*args: Any, **options: Any) -> Any:
        images = loader(*args, **options).dataset
        return DataLoader(images, 4, num_workers=2, persistent_workers=True)

    assert len(value("load_batches", with_workers, True, 4)) == 2


def test_a_loader_that_never_ends_is_left() -> None:
    class Endless(DataLoader[Any]):
        def __iter__(self) -> Any:
            while True:
                yield torch.zeros(1)

    assert len(value("load_batches", lambda *_: Endless([0]), True, 4)) == 64


def test_something_that_is_no_loader_is_refused() -> None:
    with pytest.raises(TypeError, match=re.escape("a DataLoader is asked for, not an object")):
        value("load_batches", lambda *_: [], True, 4)


@pytest.mark.parametrize("seeded", [True, False])
def test_every_way_to_shuffle_with_the_generator_is_right(seeded: bool) -> None:
    def sampled(root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any) -> Any:
        images = CIFAR10(root, train, ToTensor())
        return DataLoader(images, batch_size, sampler=RandomSampler(images, generator=generator))

    facts = value("shuffle_images", data.cifar_loader, 4, seeded)
    assert facts.pop("sizes of the batches") == [4, 4, 2]
    assert set(facts.values()) == {True} and len(facts) == 5
    again = value("shuffle_images", data.cifar_loader, 4, seeded, pictures=7)
    dark_to_bright = again.pop("the labels from dark to bright")
    assert sorted(dark_to_bright) == [*range(10)] != dark_to_bright
    assert again == {**facts, "sizes of the batches": [4, 4, 2]}
    if seeded:
        assert value("shuffle_images", sampled, 5, seeded)["the same order from the same seed"]


def test_images_that_lose_their_labels_are_seen() -> None:
    def mixed_up(*args: Any) -> Any:
        images = loader(*args).dataset
        images.targets = images.targets[::-1]
        return loader_of(images, *args[2:])

    def loader_of(images: Any, batch_size: int, shuffle: bool, generator: Any) -> Any:
        return DataLoader(images, batch_size, shuffle=shuffle, generator=generator)

    right, wrong = (
        value("shuffle_images", subject, 4, True, pictures=7)
        for subject in (data.cifar_loader, mixed_up)
    )
    where = "the labels from dark to bright"
    assert [9 - label for label in wrong.pop(where)] == right.pop(where)
    assert wrong == right


def test_other_pictures_are_other_images_in_the_same_places() -> None:
    first, second, again = (
        value("load_batches", data.cifar_loader, True, 4, pictures=pictures)
        for pictures in (7, 8, 7)
    )
    for (images, labels), (others, same), (once_more, _) in zip(first, second, again, strict=True):
        assert images.shape == others.shape and torch.equal(labels, same)
        assert not torch.equal(images, others) and torch.equal(images, once_more)


def untrue(subject: Any) -> list[str]:
    facts = value("shuffle_images", subject, 5, True)
    return [fact for fact, holds in facts.items() if holds is False]


def test_each_wrong_way_to_shuffle_is_seen() -> None:
    def without(root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any) -> Any:
        return loader(root, train, batch_size, shuffle)

    def seeding(root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any) -> Any:
        return loader(root, train, batch_size, shuffle, generator.manual_seed(0))

    def in_order(root: Any, train: bool, batch_size: int, shuffle: bool, generator: Any) -> Any:
        return loader(root, train, batch_size, False)

    assert untrue(without) == [
        "the same order from the same seed",
        "another order from another seed",
    ]
    assert untrue(seeding) == ["another order from another seed"]
    assert untrue(in_order) == [
        "shuffled",
        "another order from another seed",
        "another order in the second epoch",
    ]


@pytest.mark.parametrize("missing", [["test_batch"], ["batches.meta", "data_batch_1"]])
def test_a_download_is_noted_and_goes_nowhere(missing: list[str]) -> None:
    def downloads(root: Any, train: bool, *_: Any) -> Any:
        return CIFAR10(root, train, download=True)

    asked = {"a download was tried": False}
    assert value("load_missing", data.cifar_loader, missing) == asked
    assert value("load_missing", downloads, missing) == {"a download was tried": True}
    assert value("load_missing", downloads, []) == asked  # there is nothing to download
    every = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"]
    with cifar_in("data", missing=every):
        assert os.listdir() == []
    with cifar_in("data", missing=missing) as addresses, pytest.raises(OSError):
        CIFAR10("data", download=True)
    assert addresses == [CIFAR10.url]


def test_a_stub_is_a_stub_also_where_an_error_is_right() -> None:
    def stub(*_: Any) -> None:
        raise NotImplementedError("TODO: cifar_loader")

    with pytest.raises(NotImplementedError):
        value("load_missing", stub, ["test_batch"])
