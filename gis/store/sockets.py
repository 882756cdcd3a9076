"""Where can the server's Unix socket lie, whose path must be short?"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from gis.errors import Unavailable
from gis.store.server_settings import PORT

SOCKET_NAME = f".s.PGSQL.{PORT}"
_PATH_LIMIT_BYTES = 107


def choose_socket_folder(home: Path, uid: int) -> Path:
    """Return a folder for the socket, beside the data if the path is short enough.

    Parameters
    ----------
    home
        Folder of the cluster; each has its own folder for the socket.
    uid
        The account that the server runs as. Whoever makes the folder must check that it belongs
        to this account and is closed to all others.

    Raises
    ------
    Unavailable
        No folder has a path that is short enough.
    """
    name = f"wangge-{uid}-{hashlib.sha256(bytes(home)).hexdigest()[:10]}"
    bases = [tempfile.gettempdir(), "/tmp"]  # noqa: S108 - checked to be ours, mode 0700
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and uid == os.geteuid():
        bases.insert(0, runtime)
    for folder in (home / "run", *(Path(base) / name for base in bases)):
        if _can_hold_a_socket(folder):
            return folder
    raise Unavailable(
        f"no folder for the database's socket has a short enough path: tried {home} and "
        f"{', '.join(bases)}; choose a data folder with a shorter path"
    )


def _can_hold_a_socket(folder: Path) -> bool:
    # A comma separates folders in PostgreSQL's setting and in a URL; it cannot be escaped.
    path = os.fsencode(folder / SOCKET_NAME)
    return len(path) <= _PATH_LIMIT_BYTES and not re.search(rb"[,\n\"]", path)
