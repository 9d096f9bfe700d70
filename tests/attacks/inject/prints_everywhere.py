# aim: write to the instructor's terminal or log without any feedback at all
# sign: what it prints is in the output of the command
# attacks: nothing

import logging
import os
import sys
import warnings

_SAID = "\n::error::@MARKER@\n\x1b[2J\x1b]0;@MARKER@\x07##vso[task.complete]@MARKER@\n"

for _stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
    try:
        print(_SAID, file=_stream, flush=True)
    except Exception:
        pass
for _place in (1, 2, "/dev/tty", "/dev/stdout", "/dev/stderr", "/dev/console", "/proc/1/fd/1"):
    try:
        with open(_place, "w", closefd=not isinstance(_place, int)) as _file:
            _file.write(_SAID)
    except OSError:
        pass
for _descriptor in (0, 1, 2):
    try:
        os.write(_descriptor, _SAID.encode())
    except OSError:
        pass
warnings.warn(_SAID, stacklevel=1)
logging.error(_SAID)
