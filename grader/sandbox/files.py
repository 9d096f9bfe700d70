"""The files that a sandbox may use, as Landlock's rules: the layer that confine.py calls landlock.

A rule costs some microseconds, and Python's packages take hundreds, since what is protected beside
them cannot be taken out of a folder that is granted. They are the same for every sandbox, so the
server makes them once, and each sandbox is put under two sets of rules, of which both must allow
what it does: the shared one, which lets it into the folder of all sandboxes, and one of its own,
which has few rules and lets it into its own folder there. This module runs inside the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # landlockpy is imported where it is used: not every machine has it
    from landlockpy import Ruleset

_VERSION = 6  # of Landlock: what is scoped came last


@dataclass(frozen=True)
class SharedFiles:
    """What all sandboxes of a server may use, ready in the kernel.

    `roots` are few folders that hold all that is readable, and none of the sandboxes' own.
    """

    rules: Ruleset
    roots: tuple[Path, ...]

    def fileno(self) -> int:
        """The descriptor that must be open where this is to be applied."""
        return self.rules.fileno()

    def restrict(self) -> None:
        """Put this process under the shared rules, for good."""
        self.rules.restrict()
        self.rules.close()


def share(
    readable: Iterable[Path], devices: Iterable[Path], roots: Iterable[Path], sandboxes: Path
) -> SharedFiles | None:
    """Make the rules that all sandboxes below the folder `sandboxes` share.

    None where one of the `roots`, which together hold all that is `readable`, holds that folder
    too: a sandbox would see into the others'.
    """
    few = tuple(dict.fromkeys(root.resolve() for root in roots if root.exists()))
    folder = sandboxes.resolve()
    if any(root == folder or root in folder.parents for root in few):
        return None
    return SharedFiles(ruleset(readable, devices, folder), few)


def ruleset(readable: Iterable[Path], devices: Iterable[Path], folder: Path) -> Ruleset:
    """Rules that allow to read, to use devices, and to write in `folder`; OSError without them."""
    from landlockpy import AccessFS, AccessNet, Ruleset, Scope, abi_version

    if abi_version() < _VERSION:
        raise OSError(f"the kernel has Landlock version {abi_version()}; {_VERSION} is needed")
    read_file, read_tree = AccessFS.READ_FILE, AccessFS.READ_FILE | AccessFS.READ_DIR
    everything = AccessFS((1 << 16) - 1)
    private = everything & ~(
        AccessFS.EXECUTE | AccessFS.MAKE_CHAR | AccessFS.MAKE_BLOCK | AccessFS.IOCTL_DEV
    )
    rules = Ruleset(
        handled_fs=everything,
        handled_net=AccessNet.BIND_TCP | AccessNet.CONNECT_TCP,
        scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL,
        best_effort=False,
    )
    try:
        for path in readable:
            rules.allow_path(path, read_tree if path.is_dir() else read_file)
        for path in devices:
            rules.allow_path(path, read_file | AccessFS.WRITE_FILE | AccessFS.IOCTL_DEV)
        rules.allow_path(folder, private)
    except BaseException:
        rules.close()
        raise
    return rules
