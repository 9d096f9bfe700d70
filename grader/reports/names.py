"""What the files about one submission are called, whatever whoever handed it in called that."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LONGEST = 60


def file_stem(submission_id: str) -> str:
    """A name for files and addresses: letters, digits, hyphens; different ids, different names.

    It begins with what can be read of the id, and ends with a digest of it, so that names that
    differ in case or in an accent alone do not meet on a disk that takes them for the same.
    """
    plain = unicodedata.normalize("NFKD", submission_id).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^A-Za-z0-9]+", "-", plain)[:_LONGEST].strip("-").lower()
    digest = hashlib.sha256(submission_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{readable}-{digest}" if readable else digest
