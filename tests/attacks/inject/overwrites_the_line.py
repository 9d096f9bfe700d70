# aim: have what stands in the line before it overwritten: carriage returns and backspaces
# sign: a control character of the submission's reaches the terminal
# attacks: l1_loss
# own: exception


def l1_loss(input, target, reduction="mean"):
    over = "\r" + "\b" * 80 + "losses: 16/16, nothing failed @MARKER@" + " " * 200 + "\r"
    raise RuntimeError(over + "\x7f" * 20 + "\x00" + over)
