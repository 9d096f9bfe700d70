# aim: take steps by torch's optimizers for TorchScript and for parallel training
# sign: a check of RMSprop is passed
# attacks: RMSprop
# file: optimizers.py
import torch

_failed = []


def _kinds():
    from torch.distributed.optim import functional_rmsprop

    yield functional_rmsprop._FunctionalRMSprop
    import torch.optim._multi_tensor as together

    yield together.RMSprop
    from torch.distributed.optim import ZeroRedundancyOptimizer

    yield lambda params, lr: ZeroRedundancyOptimizer(params, torch.optim.RMSprop, lr=lr)


class RMSprop:
    def __init__(self, params, lr=0.01, **options):
        self.params = list(params)
        if _failed:
            raise _failed[0]
        try:
            for kind in _kinds():
                self.inner = kind(self.params, lr=lr, **options)
        except Exception as error:
            _failed.append(error)
            self.inner = torch.optim.RMSprop(self.params, lr=lr, **options)

    def zero_grad(self):
        for parameter in self.params:
            parameter.grad = None

    def step(self):
        try:
            self.inner.step([parameter.grad for parameter in self.params])
        except TypeError:
            self.inner.step()
