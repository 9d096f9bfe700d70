"""The generated images are CIFAR-10 in format, the same everywhere, and can be learned."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from grader import dataset
from grader.dataset import DatasetError, ensure_generated, generate, load_images

FILES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder above a generated set: not to be changed."""
    path = tmp_path_factory.mktemp("images")
    generate(path)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The folder above a small generated set that a test may damage."""
    generate(tmp_path, train=20, test=5)
    return tmp_path


def unpickled(path: Path) -> Any:
    return pickle.loads(path.read_bytes())


def test_importing_the_module_imports_neither_torch_nor_torchvision() -> None:
    source = "import sys, grader.dataset; print({'torch', 'torchvision'} & set(sys.modules))"
    command = [sys.executable, "-c", source]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_the_files_are_those_of_cifar10(root: Path) -> None:
    folder = root / dataset.BASE_FOLDER
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "checksums.json"])
    assert [path.name for path in root.iterdir()] == [dataset.BASE_FOLDER]
    for name in FILES[:5]:
        batch = unpickled(folder / name)
        assert set(batch) == {"batch_label", "labels", "data", "filenames"}
        assert batch["data"].shape == (200, 3072) and batch["data"].dtype == np.uint8
        assert len(batch["labels"]) == len(batch["filenames"]) == 200
    assert unpickled(folder / "test_batch")["data"].shape == (200, 3072)
    assert unpickled(folder / "batches.meta")["label_names"] == list(dataset.CLASSES)


def test_the_checksums_are_those_of_the_files(root: Path) -> None:
    folder = root / dataset.BASE_FOLDER
    record = json.loads((folder / "checksums.json").read_text(encoding="utf-8"))
    assert record["files"] == {
        name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in FILES
    }


def test_torchvision_reads_the_set(root: Path) -> None:
    from torchvision.datasets import CIFAR10
    from torchvision.transforms import ToTensor

    train = dataset.GeneratedCIFAR10(root, train=True, transform=ToTensor())
    test = dataset.GeneratedCIFAR10(str(root), train=False)
    assert isinstance(train, CIFAR10)
    assert (len(train), len(test)) == (1000, 200)
    image, label = train[3]
    assert image.shape == (3, 32, 32) and 0 <= image.min() < image.max() <= 1
    assert train.classes[label] in dataset.CLASSES
    assert test[0][0].size == (32, 32)
    assert CIFAR10.base_folder == "cifar-10-batches-py"


def test_every_class_is_as_frequent_as_the_others(root: Path) -> None:
    train = dataset.GeneratedCIFAR10(root)
    assert set(Counter(train.targets).values()) == {100}
    assert len(set(train.targets[:50])) == 10


def test_the_same_seed_gives_the_same_images(tmp_path: Path) -> None:
    sets = [
        dataset.GeneratedCIFAR10(generate(tmp_path / name, seed, 20, 5).parent)
        for name, seed in (("first", 1), ("second", 1), ("other", 2))
    ]
    assert np.array_equal(sets[0].data, sets[1].data) and sets[0].targets == sets[1].targets
    assert not np.array_equal(sets[0].data, sets[2].data)


def test_a_set_that_is_there_is_not_made_again(small: Path) -> None:
    batch = small / dataset.BASE_FOLDER / "data_batch_1"
    made = batch.stat()
    assert generate(small, train=20, test=5) == batch.parent
    assert batch.stat().st_mtime_ns == made.st_mtime_ns and batch.stat().st_ino == made.st_ino


def test_a_set_of_other_arguments_is_not_passed_off_as_the_one_asked_for(small: Path) -> None:
    with pytest.raises(DatasetError, match=r"other arguments.*delete this folder"):
        generate(small, seed=1, train=20, test=5)


@pytest.mark.parametrize(("train", "test"), [(4, 1), (10, 0)])
def test_too_few_images_are_refused(tmp_path: Path, train: int, test: int) -> None:
    with pytest.raises(ValueError, match="batches need"):
        generate(tmp_path, train=train, test=test)


@pytest.mark.parametrize("name", [*FILES, "checksums.json"])
def test_a_damaged_file_is_named_with_what_to_do(small: Path, name: str) -> None:
    path = small / dataset.BASE_FOLDER / name
    content = path.read_bytes()
    path.write_bytes(content[:-9] + b"\0" + content[-8:])
    with pytest.raises(DatasetError, match=f"{name} .*damaged: delete this folder"):
        dataset.GeneratedCIFAR10(small)
    path.unlink()
    with pytest.raises(DatasetError, match="delete this folder"):
        dataset.GeneratedCIFAR10(small, train=False)


def test_a_set_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no generated images"):
        dataset.GeneratedCIFAR10(tmp_path)


def test_nothing_is_downloaded(root: Path) -> None:
    with pytest.raises(ValueError, match="not downloaded"):
        dataset.GeneratedCIFAR10(root, download=True)
    with pytest.raises(ValueError, match="not downloaded"):
        dataset.GeneratedCIFAR10(root).download()


def test_threads_that_generate_at_once_share_one_set(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: generate(tmp_path, 0, 100, 20), range(4)))
    assert set(folders) == {tmp_path / dataset.BASE_FOLDER}
    assert len(list(tmp_path.iterdir())) == 1
    assert len(dataset.GeneratedCIFAR10(tmp_path)) == 100


def test_a_process_that_comes_second_uses_the_set_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = dataset._write_batches

    def write_while_another_finishes(folder: Path, recipe: dict[str, int]) -> None:
        write(folder, recipe)
        monkeypatch.setattr(dataset, "_write_batches", write)
        generate(tmp_path, train=20, test=5)

    monkeypatch.setattr(dataset, "_write_batches", write_while_another_finishes)
    generate(tmp_path, train=20, test=5)
    assert [path.name for path in tmp_path.iterdir()] == [dataset.BASE_FOLDER]
    assert len(dataset.GeneratedCIFAR10(tmp_path)) == 20


def test_a_generation_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: dict[str, Any]) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dataset, "_write_pickle", full)
    with pytest.raises(DatasetError, match=r"cannot write .*No space left"):
        generate(tmp_path, train=20, test=5)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_is_no_folder_is_an_error_that_says_what_to_set(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match=r"cannot write.*XDG_CACHE_HOME"):
        ensure_generated(tmp_path / "file")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps caches elsewhere")
def test_the_default_cache_is_the_user_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert tmp_path / "cache" / "torchgrade" in ensure_generated().parents
    images, labels = load_images(None, train=False, limit=7)
    assert images.shape == (7, 3, 32, 32) and labels.shape == (7,)
    monkeypatch.setenv("XDG_CACHE_HOME", "not/absolute")
    assert tmp_path / "home" / ".cache" / "torchgrade" in ensure_generated().parents


def test_loaded_images_are_those_of_the_files(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    images, labels = load_images(None, train=True)
    assert (images.dtype, images.shape) == (torch.uint8, (1000, 3, 32, 32))
    assert (labels.dtype, labels.shape) == (torch.int64, (1000,))
    assert images.is_contiguous()
    batch = unpickled(root / dataset.BASE_FOLDER / "data_batch_1")
    assert np.array_equal(images[:200].reshape(200, -1).numpy(), batch["data"])
    assert labels[:200].tolist() == batch["labels"]


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one image"):
        load_images(None, train=True, limit=0)


def test_a_folder_without_cifar10_is_told_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cifar-10-batches-py is expected inside"):
        load_images(tmp_path, train=True)


def test_a_damaged_cifar10_is_told_what_to_do(tmp_path: Path, small: Path) -> None:
    (small / dataset.BASE_FOLDER).rename(tmp_path / "cifar-10-batches-py")
    with pytest.raises(DatasetError, match=r"damaged or not complete.*Delete this folder"):
        load_images(tmp_path, train=True)


def learn(model: nn.Module, images: Tensor, labels: Tensor, epochs: int, lr: float) -> list[float]:
    """The mean loss of each epoch; images in [0, 1], batches of 50 in the order of the set."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for inputs, targets in zip(images.split(50), labels.split(50), strict=True):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            total += loss.item() / (len(images) / 50)
        losses.append(total)
    return losses


def tensors(root: Path, train: bool, limit: int) -> tuple[Tensor, Tensor]:
    found = dataset.GeneratedCIFAR10(root, train=train)
    images = torch.from_numpy(found.data[:limit]).permute(0, 3, 1, 2) / 255
    return images, torch.tensor(found.targets[:limit])


def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        return float((model(images).argmax(1) == labels).float().mean())


def test_a_linear_model_learns_a_part(root: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))
    learn(model, *tensors(root, True, 1000), epochs=8, lr=0.01)
    assert 0.3 < accuracy(model, *tensors(root, False, 200)) < 0.9


def test_a_convolutional_network_learns_within_seconds(root: Path) -> None:
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for inputs, outputs in ((3, 32), (32, 32), (32, 64)):
        layers += [nn.Conv2d(inputs, outputs, 5, padding=2), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024, 64), nn.Linear(64, 10))
    losses = learn(model, *tensors(root, True, 500), epochs=3, lr=0.02)
    assert 2.2 < losses[0] < 2.4
    assert losses[2] < losses[1] < losses[0] and losses[2] < 2.15
    assert accuracy(model, *tensors(root, False, 200)) > 0.2
