"""Submissions examined by the workers of a dask.distributed scheduler, as they are here."""

from __future__ import annotations

from grader.cluster.errors import ClusterError, ClusterLostError

__all__ = ["ClusterError", "ClusterLostError"]
