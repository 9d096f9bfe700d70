"""Fuzzes what the examiner does with the bytes that a sandbox sends: decode, compare, word.

    uv run --with atheris python tests/fuzz/wire.py --minutes 10

With atheris (Linux) the search is guided by the coverage of what decodes, compares and words;
without it the same inputs are mutated blindly. An input that breaks a promise is written to the
corpus folder as crash-*, and given as an argument it is tried again:

    uv run python tests/fuzz/wire.py crash-0123

The promises: bytes give a value of the grammar, WireError or EOFError; a value travels back
unchanged; whatever comes as an answer is right or a Problem with a bounded message, and nothing
else is raised.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import time
from pathlib import Path

import torch

try:
    import atheris
except ImportError:
    atheris = None

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the helpers of the tests
INSTRUMENTED = ["grader.sandbox.wire", "grader.checking"]
with atheris.instrument_imports(include=INSTRUMENTED) if atheris else contextlib.nullcontext():
    from executions import mutated, seeds, try_bytes


def search_blindly(seconds: float, corpus: Path, seed: int) -> None:
    generator, starts = random.Random(seed), seeds()
    began, count = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        data = mutated(generator.choice(starts), starts, generator)
        try:
            try_bytes(data)
        except BaseException:
            (corpus / f"crash-{count}").write_bytes(data)
            raise
        count += 1
    print(f"{count} executions, none broke a promise")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("again", nargs="*", type=Path, help="inputs to try once")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--corpus", type=Path, help="a folder to go on with; default: a new one")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for file in options.again:
        try_bytes(file.read_bytes())
    if options.again:
        return
    corpus = options.corpus or Path(tempfile.mkdtemp(prefix="fuzz-wire-"))
    corpus.mkdir(exist_ok=True)
    print(f"corpus: {corpus}; {'guided by coverage' if atheris else 'blind: atheris is missing'}")
    if atheris is None:
        search_blindly(options.minutes * 60, corpus, options.seed)
        return
    for number, data in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(data)
    limits = [f"-max_total_time={int(options.minutes * 60)}", f"-seed={options.seed}"]
    limits += ["-max_len=4096", "-timeout=20", "-rss_limit_mb=3072", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], str(corpus), *limits, f"-artifact_prefix={corpus}/"], try_bytes)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
