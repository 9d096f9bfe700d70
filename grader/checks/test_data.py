"""Hidden checks of `data`: made files in a new folder, and what is read from them."""

from itertools import product

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from grader.checking import (
    assert_gives,
    assert_matches,
    assert_raises,
    points,
    probes,
    strategies,
)

ANIMALS = "cat", "dog"
FOLDERS = ["", "dogs/", "cats/", "cat/dog/", "dog.1.jpg/", "cat.1.jpg/", "/a.b/", "../bird.0.jpg/"]
NEITHER = [
    *("bird.0.jpg", "cats.0.jpg", "bobcat.0.jpg", "my cat.0.jpg", "cat.dog.0.jpg", "catdog.0.jpg"),
    *("Cat.0.jpg", "DOG.0.jpg", "cat.0.JPG", "cat.0.Jpg"),
    *("cat.jpg", "cat..jpg", "cat0.jpg", ".0.jpg", "0.jpg", "0.cat.jpg", "cat.0", "cat"),
    *("cat.x.jpg", "dog.1x.jpg", "dog.x1.jpg", "cat.-1.jpg", "cat.+1.jpg", "cat. 1.jpg"),
    *("cat.1_0.jpg", "cat.1.2.jpg", "cat.1.5e3.jpg", "cat.0..jpg"),
    *("cat.0.jpeg", "cat.0.png", "dog.0.jpg.bak", "cat.0.jpgs", "dog.0.txt.jpg", "cat.0.jpg "),
    *("cat_0_jpg", "cat_0.jpg", "cat.0_jpg", "notes.txt", " cat.0.jpg"),
]
RED, BLUE, DARK, LIGHT = [255, 0, 0], [0, 0, 255], [51, 51, 51], [204, 204, 204]
BLACK, WHITE = [0, 0, 0], [255, 255, 255]
PICTURES = {  # what is in a file is not what its name says, and a JPEG keeps plain colours exactly
    "dogs/dog.4.jpg": ("RGBA PNG", [[RED, WHITE, BLUE]]),
    "dogs/cat.10.jpg": ("P PNG", [[RED, BLUE], [DARK, BLACK]]),
    "dogs/notes.png": ("RGB PNG", [[BLUE]]),
    "dogs/cat.2.jpg": ("RGB PNG", [[DARK, RED], [WHITE, BLUE], [RED, RED]]),
    "dogs/dog.30.jpg": ("L JPEG", [[WHITE, WHITE]]),
    "dogs/cat.3.jpg": ("L PNG", [[LIGHT], [DARK]]),
    "dogs/dog.31.jpg": ("RGB JPEG", [[BLACK]]),
}
IN_ORDER = ["cat.10", "cat.2", "cat.3", "dog.30", "dog.31", "dog.4"]
CIFAR_FILES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"]


def torchvisions(root, train, batch_size, shuffle, generator=None):
    """A loader of CIFAR-10."""
    from torchvision.datasets import CIFAR10
    from torchvision.transforms import ToTensor

    images = CIFAR10(root, train=train, transform=ToTensor(), download=False)
    return DataLoader(images, batch_size, shuffle=shuffle, generator=generator)


@points(0.25)
def test_label_from_filename_of_any_folder_and_number(data, drawn):
    """The last part alone decides; it may come as a str, a Path or any other os.PathLike."""
    for folder, number, label in product(FOLDERS, ("7", "0012499"), (0, 1)):
        path = f"{folder}{ANIMALS[label]}.{number}.jpg"
        assert_gives(data.label_from_filename, label, path)
        for kind in ("Path", "OtherPath"):
            asked = {"probe": probes.call_with_path, "kind": kind}
            assert_gives(data.label_from_filename, label, path, **asked)
    labels = [drawn.integer(0, 1) for _ in range(20)]
    folders = drawn.shuffled(FOLDERS * 3)
    paths = [
        f"{folder}{ANIMALS[label]}.{drawn.integer(0, 12499)}.jpg"
        for folder, label in zip(folders, labels, strict=False)
    ]
    assert_gives(data.label_from_filename, labels, paths, probe=probes.call_each)


@points(0.5)
def test_label_from_filename_refuses_anything_else(data):
    """Anything but cat.DIGITS.jpg and dog.DIGITS.jpg raises ValueError, which names the file."""
    for name in NEITHER:
        assert_raises(ValueError, data.label_from_filename, name, mentions=[name])
    for path in ("cat/bird.0.jpg", "dog.0.jpg/notes.txt", "cat.0.jpg/cat.1.png"):
        name = path.split("/")[1]
        assert_raises(ValueError, data.label_from_filename, path, mentions=[name])
        for kind in ("Path", "OtherPath"):
            asked = {"probe": probes.call_with_path, "kind": kind, "mentions": [name]}
            assert_raises(ValueError, data.label_from_filename, path, **asked)


@points(0.25)
@settings(max_examples=10)
@given(
    numbers=st.lists(
        st.tuples(st.sampled_from(ANIMALS), st.integers(0, 120)),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    folder=st.sampled_from(["pets", "dogs", "cats/more", "cat.1.jpg"]),
    kind=st.sampled_from(["str", "Path"]),
)
def test_labelled_images_lists_every_picture(data, numbers, folder, kind):
    """Each picture of the folder with its label, sorted by path as strings."""
    files = [f"{folder}/{animal}.{number}.jpg" for animal, number in numbers]
    expected = [(file, int("dog." in file.split("/")[-1])) for file in sorted(files)]
    asked = {"probe": probes.list_images, "kind": kind}
    assert_gives(data.labelled_images, expected, folder, files, **asked)


@points(0.25)
def test_labelled_images_ignores_all_else(data, drawn):
    """Other files, folders whatever they are called, and what is in them do not count."""
    more = f"dog.{drawn.integer(200, 12499)}", f"cat.{drawn.integer(200, 12499)}"
    names = [
        *("dog.20.jpg", "cat.1.jpg", "dog.3.jpg", "cat.100.jpg", "cat.09.jpg", "dog.1.jpg"),
        *(f"{name}.jpg" for name in more),
        *("notes.txt", "cat.5.JPG", "cat.6.jpeg", "dog.7.png", "dog.8.jpg.bak", "jpg", "catjpg"),
        *("cat.9.jpg/", "old.jpg/", "more/dog.4.jpg", "cat.2.jpg/cat.2.jpg", "empty/"),
    ]
    pictures = sorted(["cat.09", "cat.1", "cat.100", "dog.1", "dog.20", "dog.3", *more])
    for folder in ("dogs", "cats"):
        files = ["dog.0.jpg", *(f"{folder}/{name}" for name in names)]
        expected = [(f"{folder}/{name}.jpg", int(name.startswith("dog"))) for name in pictures]
        assert_gives(data.labelled_images, expected, folder, files, probe=probes.list_images)


@points(0.25)
def test_labelled_images_of_no_pictures_or_wrong_ones(data):
    """A .jpg without a label raises ValueError, a missing folder FileNotFoundError."""
    for name in ("bird.0.jpg", "cat.jpg"):
        files = ["pets/cat.0.jpg", f"pets/{name}", "pets/dog.1.jpg"]
        asked = {"probe": probes.list_images, "mentions": [name]}
        assert_raises(ValueError, data.labelled_images, "pets", files, **asked)
    for kind in ("str", "Path"):
        asked = {"probe": probes.list_images, "kind": kind}
        assert_raises(FileNotFoundError, data.labelled_images, "pets", ["cat.0.jpg"], **asked)
        for files in (["pets/"], ["pets/notes.txt", "cat.0.jpg"]):
            assert_gives(data.labelled_images, [], "pets", files, **asked)


@points(0.5)
def test_cats_vs_dogs_reads_rgb_images(data, drawn):
    """Every kind of picture comes as an RGB image, with its label and in the order of the paths."""
    pictures = repainted(drawn)
    expected = {
        "a torch Dataset": True,
        "length": 6,
        "items": [
            ({"mode": "RGB", "pixels": pixels(pictures, name)}, label(name)) for name in IN_ORDER
        ],
    }
    for kind in ("str", "Path"):
        asked = {"probe": probes.read_dataset, "kind": kind}
        assert_gives(data.CatsVsDogs, expected, "dogs", pictures, list(range(6)), **asked)


@points(0.25)
def test_cats_vs_dogs_transforms_each_time(data, drawn):
    """The transform is called with the RGB image, anew each time that the picture is asked for."""
    pictures = repainted(drawn)
    indices = [3, 0, 0, 5]
    items = []
    for call, index in enumerate(indices, start=1):
        picture = {"mode": "RGB", "pixels": pixels(pictures, IN_ORDER[index])}
        items.append(([f"call {call} of transform", picture], label(IN_ORDER[index])))
    expected = {"a torch Dataset": True, "length": 6, "items": items}
    asked = {"probe": probes.read_dataset, "transform": True}
    assert_gives(data.CatsVsDogs, expected, "dogs", pictures, indices, **asked)


def repainted(drawn):
    """PICTURES with other colours where a file keeps them exactly: all of a palette are its own."""
    return {
        path: (
            kind,
            rows if "JPEG" in kind else [[colour(drawn, kind) for _ in row] for row in rows],
        )
        for path, (kind, rows) in PICTURES.items()
    }


def colour(drawn, kind):
    """A colour of the web's palette, or of its greys."""
    levels = [51 * drawn.integer(0, 5) for _ in range(3)]
    return levels[:1] * 3 if kind.startswith("L ") else levels


def pixels(pictures, name):
    return pictures[f"dogs/{name}.jpg"][1]


def label(name):
    return int(name.startswith("dog"))


@st.composite
def arrays(draw):
    """What an array holds, and what is then written to it."""
    dtype = draw(
        st.sampled_from([torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool])
    )
    shape = draw(strategies.shapes(least=1, longest=3))
    pair = [draw(strategies.tensors(shape, low=0)) for _ in range(2)]
    return [(tensor * 4).contiguous().to(dtype) for tensor in pair]


@points(0.25)
@given(pair=arrays(), layout=st.sampled_from(["whole", "transposed", "every other column"]))
def test_shared_tensor_of_any_array(data, pair, layout):
    """Writes go both ways, for every dtype and for views that are not contiguous."""
    asked = {"probe": probes.share, "layout": layout}
    assert_matches(data.shared_tensor, torch.from_numpy, *pair, **asked)


@points(0.25)
def test_shared_tensor_refuses_a_read_only_array(data):
    """A read-only array raises ValueError, and stays read-only."""
    for values in (torch.zeros(3), torch.ones(2, 2, dtype=torch.int64)):
        assert_raises(ValueError, data.shared_tensor, values, probe=probes.keep_read_only)


@points(0.5)
def test_cifar_loader_gives_every_image(data, drawn):
    """The images of the right set in order, in [0, 1], also those of the last, smaller batch."""
    for train, batch_size, options in [
        (True, 4, {"kind": "Path"}),
        (True, 7, {}),
        (False, 2, {"images": 3}),
        (False, 1, {"images": 2, "seed": 3}),
    ]:
        asked = {"probe": probes.load_batches, "pictures": drawn.seed(), **options}
        assert_matches(data.cifar_loader, torchvisions, train, batch_size, **asked)


@points(0.5)
def test_cifar_loader_shuffles_with_the_generator(data, drawn):
    """The same seed gives the same order; every epoch and every other seed gives another."""
    for seeded, train in ((True, True), (True, False), (False, True)):
        pictures = drawn.seed()
        asked = {"seeded": seeded, "train": train, "pictures": pictures}
        asked["probe"] = probes.shuffle_images
        assert_matches(data.cifar_loader, torchvisions, 4, **asked)


@points(0.25)
def test_cifar_loader_downloads_nothing(data, drawn):
    """Where images are missing nothing is downloaded; where they are there they are read."""
    asked = {"probe": probes.load_batches, "images": 5, "pictures": drawn.seed()}
    assert_matches(data.cifar_loader, torchvisions, True, 5, **asked)
    expected = {"a download was tried": False}
    for missing in (CIFAR_FILES, ["data_batch_3"], ["test_batch"]):
        for train in (True, False):
            asked = {"probe": probes.load_missing, "train": train}
            assert_gives(data.cifar_loader, expected, missing, **asked)
