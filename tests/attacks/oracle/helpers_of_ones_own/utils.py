import torch
import torch.nn.functional as F


def example():
    return torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0])


def torch_mse(x, y):
    return F.mse_loss(x, y)


assert torch_mse(*example()) > 0
