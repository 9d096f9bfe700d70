"""By name."""

REDUCTIONS = {"none": lambda x: x, "sum": lambda x: x.sum(), "mean": lambda x: x.mean()}
