# aim: have the reader see other words than there are: direction overrides, nothing to be seen
# sign: a character that is not shown, or moves others, reaches the feedback
# attacks: l1_loss
# own: exception

_MOVES = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f\u061c"
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u115f\u3164\uffa0\u2800\U000e0041\ufe0f"


def l1_loss(input, target, reduction="mean"):
    raise RuntimeError("\u202ekramretfa detcepxe\u202c " + _MOVES + _UNSEEN + " @MARKER@")
