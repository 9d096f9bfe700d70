"""The sandbox server warms what solutions import, and leaves nothing of it lying about."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import ROOT

from grader.course import Course
from grader.examiner.warmth import TORCH, warmth_of

SCRIPT = """
import json, os, sys, threading
from grader.sandbox.warm import warm_modules, warm_torch

warm_torch([])
warm_modules(json.loads(sys.argv[1]), [])
threads = len(threading.enumerate())
environment = sorted(name for name in os.environ if name.startswith("MPL"))
warm = set(sys.modules)
fonts, backend, usetex = [], None, None
if "matplotlib" in warm:
    import matplotlib.font_manager
    fonts = [font.fname for font in matplotlib.font_manager.fontManager.ttflist]
    backend, usetex = matplotlib.rcParams["backend"], matplotlib.rcParams["text.usetex"]
late = []
if len(sys.argv) > 2:
    sys.path.insert(0, sys.argv[2])
    import data, monitoring, torch
    from grader.probes import run_probe
    def run(probe, subject, *args, **kwargs):
        run_probe(probe, subject, "cpu", args, kwargs)
    run("read_dataset", data.CatsVsDogs, "p", {"p/cat.1.jpg": ("RGB JPEG", [[[0] * 3]])}, [0])
    run("load_batches", data.cifar_loader, True, 4)
    run("write_graph", monitoring.log_graph, "nested", torch.ones(2, 3))
    run("write_scalars", monitoring.log_losses, {"losses": [1.0, 0.5]})
    run("draw_losses", monitoring.plot_losses, [2.0, 1.0])
    late = sorted(set(sys.modules) - warm - {"data", "monitoring"})
print(json.dumps({
    "threads": threads, "environment": environment, "backend": backend, "usetex": usetex,
    "fonts": fonts, "late": late, "warm": sorted(warm), "stray": os.listdir(),
}))
"""


def warmed(folder: Path, imports: list[str], *more: str, **environment: str) -> dict[str, Any]:
    """What a fresh process says that was warmed in `folder`, with hardly any environment."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(imports), *more],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_the_course_uses_is_warm_whatever_matplotlib_is_set_to(
    course: Course, tmp_path: Path
) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    folder.joinpath("matplotlibrc").write_text("backend: tkagg\ntext.usetex: True\n")
    imports = [*course.imports(), "torch.optim"]
    found = warmed(folder, imports, str(course.solutions), HOME=str(home))
    assert found["late"] == []
    assert found["threads"] == 1
    assert found["environment"] == []
    assert (found["backend"], found["usetex"]) == ("agg", False)
    assert found["fonts"]
    assert all("/matplotlib/mpl-data/fonts/" in Path(font).as_posix() for font in found["fonts"])
    assert found["stray"] == ["matplotlibrc"]
    left = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert all(path.startswith(".cache/torchgrade/matplotlib/fontlist") for path in left)


def test_a_home_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    nowhere = tmp_path / "a file"
    nowhere.touch()
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    places = {"HOME": str(nowhere), "TMPDIR": str(temporary)}
    found = warmed(work, ["matplotlib.pyplot"], **places)
    assert "matplotlib.pyplot" in found["warm"]
    assert found["stray"] == []
    left = [path.name for path in temporary.iterdir()]
    assert [name for name in left if not name.startswith("torchinductor")] == []  # torch's own


CHECKED = """
import json, sys, pytest
status = int(pytest.main(sys.argv[1:]))
print(json.dumps([status, "torch._dynamo" in sys.modules]))
"""


def test_exercises_for_which_torch_alone_is_warm_use_nothing_that_it_imports_late(
    course: Course, tmp_path: Path
) -> None:
    """Nobody's sandbox imports for a second what a correct submission does not even name."""
    warmth = warmth_of(course)
    quick = [name for name in course.names if warmth.of(name) == TORCH]
    thorough = "GRADER_THOROUGH" in os.environ
    files = [course.root / "course.toml", *course.check_files()]
    for source in files:
        target = tmp_path / source.relative_to(course.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for exercise in course.exercises:
        shutil.copyfile(
            course.solutions / exercise.file_name, tmp_path / "exercises" / exercise.file_name
        )
    folders = ["exercises", "grader/checks"] if thorough else ["exercises"]
    options = ["-q", "-c", os.devnull, "-p", "no:cacheprovider", "--import-mode=importlib"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            CHECKED,
            *options,
            "--rootdir=.",
            *folders,
            "-k",
            " or ".join(quick),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, False], done.stdout + done.stderr


def test_nothing_is_imported_that_no_solution_imports(tmp_path: Path) -> None:
    found = warmed(tmp_path, ["torch.nn.functional", "math"])
    heavy = {"matplotlib", "tensorboard", "torchvision", "PIL"}
    assert not heavy & {name.split(".")[0] for name in found["warm"]}
