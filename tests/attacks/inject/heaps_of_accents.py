# aim: cover the lines above and below with accents that climb
# sign: more accents on one letter than any language has
# attacks: l1_loss
# own: exception


def l1_loss(input, target, reduction="mean"):
    heap = "".join(chr(0x300 + number % 0x6F) for number in range(200))
    raise RuntimeError("\u0336" * 9 + "a" + heap + "b" + "\u20dd" * 50 + " @MARKER@")
