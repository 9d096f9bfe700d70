"""The glob module behind a check of the folder; fnmatch and a second list of labels."""

import errno
import fnmatch
import glob
import os


def labelled_images(folder):
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    pattern = os.path.join(glob.escape(os.fspath(folder)), "*.jpg")
    paths = sorted(path for path in glob.glob(pattern) if not os.path.isdir(path))
    labels = [label_from_filename(path) for path in paths]
    return list(zip(paths, labels, strict=True))


def label_from_filename(name):
    file = os.path.basename(os.fspath(name))
    for label, animal in enumerate(("cat", "dog")):
        if fnmatch.fnmatchcase(file, f"{animal}.[0-9]*.jpg"):
            digits = file[len(animal) + 1 : -len(".jpg")]
            if all("0" <= digit <= "9" for digit in digits):
                return label
    raise ValueError("not a labelled image", file)
