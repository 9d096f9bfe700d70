"""Layers made in a ModuleDict and a ModuleList, then registered; a checkpointed forward."""

from torch import nn
from torch.nn.utils import parameters_to_vector
from torch.utils.checkpoint import checkpoint


class CifarNet(nn.Module):
    def __init__(self):
        super().__init__()
        channels = nn.ModuleDict(
            {f"conv{n + 1}": nn.Conv2d(*pair, 5, padding=2) for n, pair in enumerate(self.pairs)}
        )
        pools = nn.ModuleList(nn.MaxPool2d(2) for _ in range(3))
        for number, pool in enumerate(pools, start=1):
            self.add_module(f"conv{number}", channels[f"conv{number}"])
            self.add_module(f"maxpool{number}", pool)
        self.flatten = nn.Flatten()
        linears = nn.ModuleList([nn.Linear(1024, 64), nn.Linear(64, 10)])
        self.linear1, self.linear2 = linears

    @property
    def pairs(self):
        return [(3, 32), (32, 32), (32, 64)]

    def forward(self, images):
        convolutions = zip(
            [self.conv1, self.conv2, self.conv3],
            [self.maxpool1, self.maxpool2, self.maxpool3],
            strict=True,
        )
        for convolution, pool in convolutions:
            images = pool(convolution(images))
        return self.linear2(self.linear1(self.flatten(images)))


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.build()

    def build(self):
        features = [nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2)]
        head = [nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)]
        self.model = nn.Sequential(*features, nn.Flatten(), *head)
        for layer in head:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, images):
        return checkpoint(self.model, images, use_reentrant=False)


def count_parameters(model):
    trainable = [parameter for _, parameter in model.named_parameters() if parameter.requires_grad]
    return len(parameters_to_vector(trainable)) if trainable else 0
