# aim: nothing; helper modules beside an exercise go on working though another function attacks
# sign: a function that uses the helpers loses points
# attacks: nothing
import utils
from helpers import absolute, reduced


def l1_loss(input, target, reduction="mean"):
    _refuse_unequal_shapes(input, target)  # noqa: F821  # it is the solution's
    return reduced(absolute(input - target), reduction)


def mse_loss(input, target, reduction="mean"):
    import common

    _refuse_unequal_shapes(input, target)  # noqa: F821
    return reduced(common.squared(input - target), reduction)


if __name__ != "__main__":
    # What many have below their functions: each compared with what it must not use.
    _x, _y = utils.example()
    _expected = utils.torch_mse(_x, _y)
    assert abs(mse_loss(_x, _y) - _expected) < 1e-6
    print(utils.torch_mse(_x, _y), "is right")
