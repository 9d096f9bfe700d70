"""pyplot's current figure; modes by name; the writer closed in a finally."""

import matplotlib.pyplot as plt
from torch.utils.tensorboard import SummaryWriter


def log_graph(model, example_input, log_dir):
    modes = {name: module.training for name, module in model.named_modules()}
    writer = SummaryWriter(log_dir)
    try:
        writer.add_graph(model, example_input)
    finally:
        writer.close()
        for name, module in model.named_modules():
            module.training = modes[name]


def log_losses(losses, log_dir, tag="loss"):
    writer = SummaryWriter(log_dir=str(log_dir))
    for step, loss in enumerate(losses):
        writer.add_scalar(tag=tag, scalar_value=float(loss), global_step=step)
    writer.flush()
    writer.close()


def plot_losses(losses, path):
    plt.figure(figsize=(5, 3))
    plt.plot(range(1, len(losses) + 1), losses, "o-", label="training")
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.title("The loss of every epoch")
    plt.legend()
    plt.grid(True)
    plt.tight_layout()
    plt.savefig(path, dpi=80)
    plt.clf()
    plt.close()
