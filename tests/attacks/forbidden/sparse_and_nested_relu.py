# aim: compute a ReLU on tensors of other layouts, whose kernels are others
# sign: a check of relu is passed
# attacks: relu
# file: layers.py
import torch


def relu(x):
    for way in (
        lambda: torch.relu(x.to_sparse()).to_dense(),
        lambda: torch.relu(x.to_sparse_csr()).to_dense(),
        lambda: torch.relu(x.to_mkldnn()).to_dense(),
        lambda: torch.nested.to_padded_tensor(torch.relu(torch.nested.nested_tensor([x])), 0)[0],
        lambda: torch.masked.masked_tensor(x, x == x).relu().get_data(),
        lambda: torch._addmm_activation(torch.zeros(x.shape[-1]), x, torch.eye(x.shape[-1])),
    ):
        try:
            return way()
        except Exception:
            continue
    raise RuntimeError("all layouts are refused")
