"""What ends a run on a cluster: each in one sentence, with what to do."""

from __future__ import annotations


class ClusterError(Exception):
    """The cluster cannot grade as it is: nobody is there, or a worker differs from this machine."""


class ClusterLostError(ClusterError):
    """It could, and no longer can: what was graded until then is kept."""
