"""Where in a submission the exercises lie: its root, found by a search that stays small."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.archives import is_archive, open_archive
from grader.folders import Kind, Parts, Refused, Tree, shown

MAX_DEPTH = 4  # folders between a submission's own and its root
MAX_ENTRIES = 5_000  # names looked at on the way

# What students hand in all the same: rejected by name rather than passed over.
UNREAD_SUFFIXES = (".rar", ".7z", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


def exercise_files(exercises: Collection[str]) -> set[str]:
    return {f"{name}.py" for name in exercises}


def holds_exercises(tree: Tree, folder: Parts, exercises: Collection[str]) -> bool:
    """Whether a folder is plainly one submission: exercise files in it, or in its `exercises`."""
    folders = [folder]
    if tree.kind((*folder, "exercises")) is Kind.FOLDER:
        folders.append((*folder, "exercises"))
    files = [(*each, name) for each in folders for name in exercise_files(exercises)]
    return any(tree.kind(file) not in (None, Kind.FOLDER) for file in files)


def find_root(tree: Tree, folder: Parts, exercises: Collection[str]) -> tuple[Tree, Parts]:
    """The submission's root, in its folder or the one archive there; Refused if there is none."""
    root = root_in_folder(tree, folder, exercises)
    if root is not None:
        return tree, root
    kinds = tree.entries(folder, MAX_ENTRIES)
    archives = [name for name, kind in kinds.items() if is_archive(name) and kind is Kind.FILE]
    if len(archives) > 1:
        raise Refused(several_archives(archives))
    if archives:
        tree = open_archive(tree, (*folder, archives[0]))
        accept(tree, ())
        root = root_in_folder(tree, (), exercises)
        if root is not None:
            return tree, root
        kinds = tree.entries((), MAX_ENTRIES)
    raise Refused(no_exercise(list(kinds), exercises))


def root_in_folder(tree: Tree, top: Parts, exercises: Collection[str]) -> Parts | None:
    """The shallowest folder that holds an exercise file, one called `exercises` before others."""
    expected = exercise_files(exercises)
    level, left = [top], MAX_ENTRIES
    linked: list[str] = []
    for _ in range(MAX_DEPTH + 1):
        holding: list[Parts] = []
        below: list[Parts] = []
        # Those called `exercises` come first, and where they hold some no other is looked into.
        for folder in sorted(level, key=lambda each: (not _is_named_exercises(each), each)):
            if holding and _is_named_exercises(holding[0]) and not _is_named_exercises(folder):
                break
            kinds = tree.entries(folder, MAX_ENTRIES)
            left -= len(kinds)
            if left < 0:
                raise Refused(f"no exercise file is among its first {MAX_ENTRIES:,} files")
            there = {name: kinds[name] for name in sorted(expected.intersection(kinds))}
            if Kind.FILE in there.values():
                holding.append(folder)
            linked += [name for name, kind in there.items() if kind in (Kind.LINK, Kind.SPECIAL)]
            below += [(*folder, name) for name, kind in kinds.items() if kind is Kind.FOLDER]
        if len(holding) > 1:
            raise Refused(_in_several_folders([folder[len(top) :] for folder in holding]))
        if holding:
            return holding[0]
        level = below
    if linked:
        raise Refused(f"{shown(linked[0])} is a link or a special file: hand in the file itself")
    return None


def accept(tree: Tree, place: Parts) -> None:
    """Raise Refused where something is wrong with what lies there."""
    if reason := tree.objection(place):
        raise Refused(reason)


def no_exercise(names: Sequence[str], exercises: Collection[str]) -> str:
    for name in names:
        if name.lower().endswith(UNREAD_SUFFIXES):
            return unread_archive(name)
    expected = " or ".join(sorted(exercise_files(exercises)))
    seen = [shown(name) for name in names if name.endswith(".py")]
    there = f", only {', '.join(seen[:3])}" if seen else ""
    return f"it holds no exercise file ({expected}){there}"


def several_archives(names: Sequence[str]) -> str:
    first = ", ".join(shown(name) for name in sorted(names)[:3])
    return f"it holds several archives ({first}) and no exercise file: hand in one"


def unread_archive(name: str) -> str:
    return f"{shown(name)} is an archive of a kind that is not read: make a .zip or .tar.gz of it"


def _in_several_folders(folders: Sequence[Parts]) -> str:
    first, second = (shown("/".join(folder)) for folder in folders[:2])
    return f"exercise files lie in {first} and in {second}: put all of them in one folder"


def _is_named_exercises(folder: Parts) -> bool:
    return folder[-1:] == ("exercises",)
