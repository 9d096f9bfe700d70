# aim: have feedback that takes for ever to word
# sign: the run does not end
# attacks: l1_loss
# outcome: error failed crashed timeout

import sys

sys.setrecursionlimit(10**6)


def _deep(depth):
    if depth:
        try:
            _deep(depth - 1)
        except ValueError as error:
            raise ValueError("again") from error
    raise ValueError("first")


def l1_loss(input, target, reduction="mean"):
    tree = ExceptionGroup("leaf", [ValueError("x")])
    for _ in range(60):
        tree = ExceptionGroup("tree", [tree, tree])
    chain = tree
    for _ in range(10_000):
        following = ValueError("next")
        following.__cause__ = following.__context__ = chain
        following.__notes__ = ["note"] * 100
        chain = following
    chain.__cause__.__context__ = chain
    try:
        _deep(400)
    except ValueError as error:
        raise ExceptionGroup("all", [chain, error, tree]) from chain
