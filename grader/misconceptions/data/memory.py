"""What goes wrong in `shared_tensor`."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.misconceptions import misconception

SHARE_NOT_COPY = (
    "Share the memory of the array: this tensor is a copy, and no write to the one is seen in the "
    "other."
)
KEEP_THE_DTYPE = "Keep the dtype of the array: to convert it is to copy it."
REFUSE_READ_ONLY = (
    "Raise ValueError where the array is read-only: neither copy it nor make it writable."
)
SHARE_VIEWS_TOO = (
    "Share views that are not contiguous as they are: a contiguous one is a copy of them."
)


def refuse_read_only(array: Any) -> None:
    if not array.flags.writeable:
        raise ValueError("the array is read-only")


@misconception(of="shared_tensor", hint=SHARE_NOT_COPY)
def shared_by_tensor(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.tensor(array)


@misconception(of="shared_tensor", hint=SHARE_NOT_COPY)
def shared_after_a_copy(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.from_numpy(array.copy())


@misconception(of="shared_tensor", hint=SHARE_NOT_COPY)
def shared_and_cloned(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.from_numpy(array).clone()


@misconception(of="shared_tensor", hint=SHARE_VIEWS_TOO)
def shared_if_contiguous(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.from_numpy(np.require(array, requirements=["C"]))


@misconception(of="shared_tensor", hint=SHARE_VIEWS_TOO)
def shared_and_made_contiguous(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.from_numpy(array).contiguous()


@misconception(
    of="shared_tensor",
    hint="Take views that are not contiguous, too: torch can share their memory as well.",
)
def shared_or_refused(array: Any) -> Tensor:
    refuse_read_only(array)
    if not array.flags.c_contiguous:
        raise ValueError("the array is not contiguous")
    return torch.from_numpy(array)


@misconception(of="shared_tensor", hint=KEEP_THE_DTYPE)
def shared_as_float(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.from_numpy(array).float()


@misconception(of="shared_tensor", hint=KEEP_THE_DTYPE)
def shared_as_array_of_float(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.Tensor(array)


@misconception(of="shared_tensor", hint=KEEP_THE_DTYPE)
def shared_as_float_if_whole(array: Any) -> Tensor:
    refuse_read_only(array)
    tensor = torch.from_numpy(array)
    return tensor if tensor.is_floating_point() else tensor.float()


@misconception(of="shared_tensor", hint="Keep the shape of the array: the tensor has the same one.")
def shared_and_flattened(array: Any) -> Tensor:
    refuse_read_only(array)
    return torch.from_numpy(array).reshape(-1)


@misconception(of="shared_tensor", hint=REFUSE_READ_ONLY)
def shared_read_only_too(array: Any) -> Tensor:
    return torch.from_numpy(array)


@misconception(of="shared_tensor", hint=REFUSE_READ_ONLY)
def shared_or_copied(array: Any) -> Tensor:
    return torch.from_numpy(array if array.flags.writeable else array.copy())


@misconception(of="shared_tensor", hint=REFUSE_READ_ONLY)
def shared_by_force(array: Any) -> Tensor:
    array.flags.writeable = True
    return torch.from_numpy(array)


@misconception(
    of="shared_tensor", hint="Raise ValueError where the array is read-only, and no other error."
)
def shared_or_type_error(array: Any) -> Tensor:
    if not array.flags.writeable:
        raise TypeError("the array is read-only")
    return torch.from_numpy(array)
