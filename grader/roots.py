"""Where in a submission the exercises lie: its root, found by a search that stays small."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from grader import downloads
from grader.archives import is_archive, open_archive
from grader.folders import Kind, Parts, Refused, Tree, unreadable
from grader.untrusted import quoted_name

MAX_DEPTH = 4  # folders between a submission's own and its root
MAX_ENTRIES = 5_000  # names in a folder that is looked at
MAX_SEARCHED = 20_000  # names looked at on the way
NOTEBOOKS = "notebooks"  # the folder that they are made in

# What students hand in all the same: rejected by name rather than passed over.
UNREAD_SUFFIXES = (".rar", ".7z", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

_LIKE_SOURCES = (".py", ".pyc", ".ipynb", ".py.txt", ".pyw")


def exercise_files(exercises: Collection[str]) -> set[str]:
    return {f"{name}.py" for name in exercises}


def holds_exercises(tree: Tree, folder: Parts, exercises: Collection[str]) -> bool:
    """Whether a folder is plainly one submission: exercise files in it, or in its `exercises`.

    Notebooks of their names count as well, there or in its `notebooks`.
    """
    folders = [folder]
    for name in ("exercises", NOTEBOOKS):
        if tree.kind((*folder, name)) is Kind.FOLDER:
            folders.append((*folder, name))
    names = [f"{name}{suffix}" for name in exercises for suffix in downloads.SOURCES]
    files = [(*each, name) for each in folders for name in names]
    return any(tree.kind(file) not in (None, Kind.FOLDER) for file in files)


def find_root(tree: Tree, folder: Parts, exercises: Collection[str]) -> tuple[Tree, Parts, Parts]:
    """The submission's root, in its folder or the one archive there; Refused if there is none.

    Returns the tree that it lies in, the folder that is all of the submission, and the root.
    """
    root = root_in_folder(tree, folder, exercises)
    if root is not None:
        return tree, folder, root
    top, kinds = folder, tree.entries(folder, MAX_ENTRIES)
    archives = [name for name, kind in kinds.items() if is_archive(name) and kind is Kind.FILE]
    inner: Tree | None = None
    if len(archives) == 1:
        inner = open_archive(tree, (*folder, archives[0]))
        accept(inner, ())
        root = root_in_folder(inner, (), exercises)
        if root is not None:
            return inner, (), root
    root = _search(tree, folder, downloads.is_notebook)[0]  # of any name
    if root is not None:
        return tree, folder, root
    if len(archives) > 1:
        raise Refused(several_archives(archives))
    if inner is not None:
        root = _search(inner, (), downloads.is_notebook)[0]
        if root is not None:
            return inner, (), root
        tree, top, kinds = inner, (), inner.entries((), MAX_ENTRIES)
    folders = [
        name
        for name, kind in kinds.items()
        if kind is Kind.FOLDER
        and (name.endswith(".py") or tree.kind((*top, name, "__init__.py")) is not None)
    ]
    raise Refused(no_exercise(list(kinds), exercises, folders))


def root_in_folder(tree: Tree, top: Parts, exercises: Collection[str]) -> Parts | None:
    """The shallowest folder that holds an exercise file, one called `exercises` before others.

    Where there is none, the one that holds a notebook named after an exercise.
    """
    root, reason = _search(tree, top, exercise_files(exercises).__contains__)
    if root is None:
        root = _search(tree, top, lambda name: _is_named_notebook(name, exercises))[0]
    if root is None and reason is not None:
        raise Refused(reason)
    return root


def may_hold_work(tree: Tree, top: Parts, exercises: Collection[str]) -> bool:
    """Whether a folder looks like one submission; a notebook may have any name."""
    if root_in_folder(tree, top, exercises) is not None:
        return True
    return _search(tree, top, downloads.is_notebook)[0] is not None


def _search(
    tree: Tree, top: Parts, is_wanted: Callable[[str], bool]
) -> tuple[Parts | None, str | None]:
    """The shallowest folder that holds a wanted file; else perhaps why none was found.

    Folders that cannot be looked into, or hold too much, are passed over where others will do.
    """
    level, left = [top], MAX_SEARCHED
    linked: list[str] = []
    passed_over: list[str] = []
    for _ in range(MAX_DEPTH + 1):
        holding: list[Parts] = []
        below: list[Parts] = []
        # Those called `exercises` come first, and where they hold some no other is looked into.
        for folder in sorted(level, key=lambda each: (not _is_named_exercises(each), each)):
            if holding and _is_named_exercises(holding[0]) and not _is_named_exercises(folder):
                break
            try:
                kinds = tree.entries(folder, MAX_ENTRIES)
            except (Refused, OSError) as error:
                if folder == top or _is_named_exercises(folder):
                    raise
                passed_over.append(
                    str(error) if isinstance(error, Refused) else unreadable(folder[-1], error)
                )
                continue
            left -= len(kinds)
            if left < 0:
                where = f"among the first {MAX_SEARCHED:,} files of many"
                raise Refused(f"no exercise file is {where}: hand in the exercises alone")
            there = {name: kinds[name] for name in sorted(filter(is_wanted, kinds))}
            if Kind.FILE in there.values():
                holding.append(folder)
            linked += [name for name, kind in there.items() if kind in (Kind.LINK, Kind.SPECIAL)]
            below += [(*folder, name) for name, kind in kinds.items() if kind is Kind.FOLDER]
        if len(holding) > 1:
            raise Refused(_in_several_folders([folder[len(top) :] for folder in holding]))
        if holding:
            return holding[0], None
        level = below
    if linked:
        what = f"{quoted_name(linked[0])} is a link or a special file"
        return None, f"{what}: hand in the file itself"
    return None, next(iter(passed_over), None)


def _is_named_notebook(name: str, exercises: Collection[str]) -> bool:
    return downloads.is_notebook(name) and downloads.exercise_file(name, exercises) is not None


def accept(tree: Tree, place: Parts) -> None:
    """Raise Refused where something is wrong with what lies there."""
    if reason := tree.objection(place):
        raise Refused(reason)


def no_exercise(
    names: Sequence[str], exercises: Collection[str], folders: Collection[str] = ()
) -> str:
    """Why what holds these names is no submission; `folders` look like Python and are none."""
    files = sorted(exercise_files(exercises))
    for name in names:
        if name.lower().endswith(UNREAD_SUFFIXES):
            return unread_archive(name)
        if name in folders and (name in files or name in exercises):
            file = name if name in files else f"{name}.py"
            return f"{quoted_name(name)} is a folder: hand in {file} as a file"
    seen = [quoted_name(name) for name in names if name.lower().endswith(_LIKE_SOURCES)]
    there = f", only {', '.join(seen[:3])}" if seen else ""
    cell = f", or begin a cell with %%writefile exercises/{files[0]}"
    advice = f"put one at the top{cell if any(map(downloads.is_notebook, names)) else ''}"
    return f"it holds no exercise file ({' or '.join(files)}){there}: {advice}"


def several_archives(names: Sequence[str]) -> str:
    first = ", ".join(quoted_name(name) for name in sorted(names)[:3])
    return f"it holds several archives ({first}) and no exercise file: hand in one"


def unread_archive(name: str) -> str:
    what = f"{quoted_name(name)} is an archive of a kind that is not read"
    return f"{what}: make a .zip or .tar.gz of it"


def _in_several_folders(folders: Sequence[Parts]) -> str:
    first, second = (quoted_name("/".join(folder)) for folder in folders[:2])
    return f"exercise files lie in {first} and in {second}: put all of them in one folder"


def _is_named_exercises(folder: Parts) -> bool:
    return folder[-1:] == ("exercises",)
