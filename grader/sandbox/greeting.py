"""How a warm process is told what to do, and says that it is ready: JSON, over a socket.

Not on its command line, which other users of the machine can read: the seed is in it.
"""

from __future__ import annotations

import json
import socket
from typing import Any

# What `ps` calls the warm processes, and the forks of each.
SANDBOXES, EXAMINER = "sandbox server", "examiner"
SANDBOX, EXAMINATION = "sandbox", "examination"


def tell(end: socket.socket, message: Any) -> None:
    """Say one thing, and that nothing more will be said."""
    end.sendall(json.dumps(message).encode())
    end.shutdown(socket.SHUT_WR)


def heard(end: socket.socket) -> Any:
    """What the other side says, once it has said all; None where it said nothing.

    TimeoutError where `end` has a timeout and it is over.
    """
    chunks = []
    while chunk := end.recv(1 << 16):
        chunks.append(chunk)
    return json.loads(b"".join(chunks)) if chunks else None
