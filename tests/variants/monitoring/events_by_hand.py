"""TensorBoard's own event writer, fed with events and a graph made by hand."""

import os
import time

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def log_losses(losses, log_dir, tag="loss"):
    writer = EventFileWriter(os.fspath(log_dir))
    for step, loss in enumerate(losses):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=loss)])
        writer.add_event(Event(wall_time=time.time(), step=step, summary=summary))
    writer.close()


def log_graph(model, example_input, log_dir):
    from torch.utils.tensorboard._pytorch_graph import graph

    modes = [module.training for module in model.modules()]
    nodes, _ = graph(model, example_input)
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    writer = EventFileWriter(os.fspath(log_dir))
    writer.add_event(Event(graph_def=nodes.SerializeToString(), wall_time=time.time()))
    writer.close()
