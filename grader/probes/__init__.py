"""How student code is exercised: a probe uses an object and returns plain data on what it did.

The same probe runs on the student's object and on torch's, and the two observations are compared.
A probe never judges. This package runs on both sides of the trust boundary: it imports torch and
nothing else of the grader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.probes.cifar import load_batches, load_missing, shuffle_images, summarize_batches
from grader.probes.derivatives import differentiate, lifecycle
from grader.probes.events import draw_losses, write_graph, write_scalars
from grader.probes.files import (
    call_each,
    call_with_path,
    keep_read_only,
    list_images,
    read_dataset,
    share,
)
from grader.probes.fitting import (
    descent,
    grads_after_step,
    module_descent,
    run_fit,
    run_fit_module,
    run_gradient_step,
    run_linear_model,
)
from grader.probes.functions import call, finite_gradient, gradient
from grader.probes.layers import activation, collapsed, random_slopes, two_layers
from grader.probes.modules import count, describe, forward, size
from grader.probes.observe import fill, prepare
from grader.probes.optimizers import choose, clear, optimize
from grader.probes.training import (
    epoch_losses,
    lbfgs_losses,
    learn,
    learns,
    run_evaluate,
    run_lbfgs,
    run_train,
    run_train_step,
    step_losses,
)

Probe = Callable[..., dict[str, Any]]

PROBES: dict[str, Probe] = {
    probe.__name__: probe
    for probe in (
        call,
        gradient,
        finite_gradient,
        forward,
        describe,
        size,
        count,
        optimize,
        clear,
        choose,
        random_slopes,
        collapsed,
        two_layers,
        activation,
        differentiate,
        lifecycle,
        run_gradient_step,
        grads_after_step,
        run_fit,
        descent,
        run_linear_model,
        run_fit_module,
        module_descent,
        run_train_step,
        run_train,
        run_evaluate,
        run_lbfgs,
        learn,
        learns,
        step_losses,
        epoch_losses,
        lbfgs_losses,
        call_each,
        call_with_path,
        list_images,
        read_dataset,
        share,
        keep_read_only,
        load_batches,
        summarize_batches,
        shuffle_images,
        load_missing,
        write_graph,
        write_scalars,
        draw_losses,
    )
}


def run_probe(name: str, subject: Any, device: str, args: Any, kwargs: Any) -> dict[str, Any]:
    """Run one probe on `subject` with its inputs on `device`; exceptions of the subject pass."""
    prepare()
    return PROBES[name](subject, device, *args, **kwargs)


__all__ = ["PROBES", "Probe", "fill", "run_probe", *PROBES]
