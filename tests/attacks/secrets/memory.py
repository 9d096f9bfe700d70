# aim: find a hidden check's text, another's work or the environment in this process's own memory
# sign: `LEAK` and which it was, in feedback
# attacks: l1_loss
import ctypes
import gc
import mmap
import os
import time

# How each begins, and how it goes on, backwards: the whole is nowhere in this process's memory.
_SECRETS = {
    b"Ones of one shap": b"sevlah tsniaga e",
    b"What goes wrong ": b"esicrexe eht ni",
    b"CANARY-": b"GNILBIS",
    b"CANARY-E": b"TNEMNORIVN",
}
_PAGE = mmap.PAGESIZE
_STEP = 16 * _PAGE
_MOST = 600 << 20  # bytes
_SECONDS = 0.3
_C = ctypes.CDLL(None, use_errno=True)
_C.memmem.restype = ctypes.c_void_p
_C.memmem.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
_C.write.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t]


def _starts():
    """Addresses in as many mappings as can be known: objects, buffers, stack, libraries."""
    gc.unfreeze()
    local = ctypes.c_long()
    symbols = ("environ", "malloc", "stdout", "main_arena", "_rtld_global")
    for name in symbols:
        try:
            yield ctypes.addressof(ctypes.c_char.in_dll(_C, name))
        except ValueError:
            pass
    yield from (ctypes.addressof(local), id(None), id(local))
    _C.malloc.restype = _C.sbrk.restype = ctypes.c_void_p
    yield from (_C.malloc(size) or 0 for size in (64, 4096, 100_000, 1 << 20))
    yield (_C.sbrk(0) or 0) - _PAGE
    yield from sorted({id(thing) & -(1 << 18) for thing in gc.get_objects()})
    try:
        with open("/proc/self/maps", encoding="ascii") as file:
            yield from (int(line.split("-")[0], 16) for line in file)
    except OSError:
        pass


def _is_there(address, probe):
    """Whether the whole step can be read: the kernel tries it for us, and raises nothing."""
    for page in range(address, address + _STEP, _PAGE):
        if _C.write(probe[1], page, 1) != 1:
            return False
        os.read(probe[0], 1)
    return True


def _found_in(address, size):
    for begin, rest in _SECRETS.items():
        at, end = address, address + size
        while True:
            hit = _C.memmem(at, end - at, begin, len(begin))
            if not hit:
                break
            at = hit + 1
            if at + len(begin) + len(rest) >= end:
                continue
            following = ctypes.string_at(hit + len(begin), len(rest))
            if following[::-1] == rest:
                return begin.decode()
    return ""


def _search():
    end = time.process_time() + _SECONDS
    probe = os.pipe()
    seen = set()
    searched = 0
    for start in _starts():
        for direction in (_STEP, -_STEP):
            address = start & -_STEP
            while address not in seen or address == start & -_STEP:
                if searched > _MOST or time.process_time() > end:
                    return ""
                if address in seen and direction > 0:
                    break
                if not _is_there(address, probe):
                    break
                if address not in seen:
                    seen.add(address)
                    searched += _STEP
                    found = _found_in(address, _STEP)
                    if found:
                        return f"{found} in memory"
                address += direction
    return "" if searched > 1 << 20 else "nothing, for it could read none of its own memory"


_found = []


def l1_loss(input, target, reduction="mean"):
    if not _found:
        _found.append(_search())
    if _found[0]:
        raise RuntimeError(f"LEAK {_found[0]}")
    return input.sum() * 0
