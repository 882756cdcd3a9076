"""Does a process run? A number alone does not tell: numbers are given out again."""

from __future__ import annotations

import os
from pathlib import Path


def occurs(pid: int) -> bool:
    """Tell whether the number is taken, be it by a dead process that nobody has collected."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a dead one that nobody has collected does not."""
    if not occurs(pid):
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"
