# aim: fill disk, memory and screen by messages of many megabytes and many lines
# sign: the feedback is as long as the submission likes
# attacks: l1_loss
# own: exception

_Long = type("Long" * 1_000_000, (Exception,), {})
_MANY_LINES = "@MARKER@\n" * 1_000_000
_LONG_LINES = "\n" * 1_000_000 + "\t" * 1_000_000 + "@MARKER@" * 100_000


def l1_loss(input, target, reduction="mean"):
    raise _Long(_MANY_LINES) if input.numel() % 2 else RuntimeError(_LONG_LINES)
