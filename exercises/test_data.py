"""What `data` must do, on files you could make yourself."""

import torch

from grader.checking import assert_gives, assert_matches, assert_raises, points, probes

RED, BLUE, WHITE = [255, 0, 0], [0, 0, 255], [255, 255, 255]


@points(0.5)
def test_label_from_filename_looks_at_the_last_part(data):
    """A cat is 0 and a dog is 1, whatever the folder is called; a bird is neither."""
    assert_gives(data.label_from_filename, 0, "cat.0.jpg")
    assert_gives(data.label_from_filename, 1, "pets/dog.12499.jpg")
    assert_gives(data.label_from_filename, 0, "dogs/cat.7.jpg")
    assert_raises(ValueError, data.label_from_filename, "bird.0.jpg", mentions=["bird.0.jpg"])


@points(0.5)
def test_labelled_images_are_sorted_by_path(data):
    """The .jpg files of a folder, sorted as strings: 10 comes before 2, and cats before dogs."""
    files = ["pets/dog.3.jpg", "pets/cat.2.jpg", "pets/notes.txt", "pets/cat.10.jpg"]
    expected = [("pets/cat.10.jpg", 0), ("pets/cat.2.jpg", 0), ("pets/dog.3.jpg", 1)]
    assert_gives(data.labelled_images, expected, "pets", files, probe=probes.list_images)


@points(0.25)
def test_cats_vs_dogs_gives_rgb_images(data):
    """A grey picture and one with a palette come as RGB images too."""
    pictures = {
        "pets/dog.1.jpg": ("P PNG", [[RED, BLUE]]),
        "pets/cat.1.jpg": ("L JPEG", [[WHITE]]),
    }
    expected = {
        "a torch Dataset": True,
        "length": 2,
        "items": [
            ({"mode": "RGB", "pixels": [[WHITE]]}, 0),
            ({"mode": "RGB", "pixels": [[RED, BLUE]]}, 1),
        ],
    }
    folder = "pets", pictures, [0, 1]
    assert_gives(data.CatsVsDogs, expected, *folder, probe=probes.read_dataset)


@points(0.25)
def test_shared_tensor_shares_memory(data):
    """What is written to the array is seen in the tensor, and the other way round."""
    pair = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([7.0, 8.0, 9.0])
    assert_matches(data.shared_tensor, torch.from_numpy, *pair, probe=probes.share)


@points(0.5)
def test_cifar_loader_keeps_the_last_batch(data):
    """Seven images in batches of four: one of four, one of three, all numbers in [0, 1]."""
    expected = [
        {"shape": [4, 3, 32, 32], "from": 0.0, "to": 1.0, "labels": [0, 1, 2, 3]},
        {"shape": [3, 3, 32, 32], "from": 0.0, "to": 1.0, "labels": [4, 5, 6]},
    ]
    assert_gives(data.cifar_loader, expected, True, 4, probe=probes.summarize_batches)
