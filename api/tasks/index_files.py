"""Where are compiled indexes kept, so that several processes share them and start at once?

Each index is a file whose name is the fingerprint of what it was built from, so it never changes
and needs no list: who wants an index looks for its file, maps it into memory, or builds it. Only
whole files appear under their names. What cannot be read is built again, and what cannot be
written stays in memory; the log says so, and no lookup fails for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import shapely
import structlog

from gis.errors import WanggeError
from gis.locate import GridIndex
from gis.locate.index_file import VERSION

log = structlog.get_logger("wangge")

SUFFIX = ".index"
UNUSED_S = 7 * 86400.0
"""A file that nobody used for so long is removed. Whoever has it mapped goes on reading it."""


class IndexFiles:
    """The indexes in a folder; made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[Path] = set()

    def find(self, geometries: Sequence[Any]) -> GridIndex:
        """Return the index of geometries in ascending code order: opened, or built and kept."""
        path = self._folder / f"{fingerprint(geometries)}{SUFFIX}"
        self._used.add(path)
        index = _try_open(path)
        if index is not None:
            return index
        with _building(self._folder):
            # Another process may have built it meanwhile.
            index = _try_open(path)
            return index if index is not None else _build(geometries, path)

    def remove_unused(self) -> int:
        """Remove files that no process has used for long; return how many went."""
        for file in self._used:
            _say_used(file)
        gone = 0
        for file in sorted(self._folder.glob(f"*{SUFFIX}*")):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > UNUSED_S:
                    file.unlink()
                    gone += 1
        if gone:
            log.info("unused-indexes-removed", files=gone)
        return gone


def fingerprint(geometries: Sequence[Any]) -> str:
    """Return the name of what an index is built from.

    The order of the codes is in it as the order of the geometries; names and codes are not part
    of an index.

    Examples
    --------
    >>> west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    >>> fingerprint([west, east]) == fingerprint([east, west])
    False
    """
    digest = hashlib.blake2b(f"{VERSION} {len(geometries)}\n".encode(), digest_size=16)
    for part in shapely.to_wkb(list(geometries)):
        digest.update(part)
    return digest.hexdigest()


def _try_open(path: Path) -> GridIndex | None:
    try:
        if not path.exists():
            return None
        index = GridIndex.open(path)
    except (WanggeError, OSError) as error:
        log.warning("index-file-unusable", file=path.name, reason=str(error))
        return None
    _say_used(path)
    return index


def _say_used(path: Path) -> None:
    with suppress(OSError):  # a folder that may only be read
        os.utime(path)


def _build(geometries: Sequence[Any], path: Path) -> GridIndex:
    began = time.monotonic()
    index = GridIndex(geometries)
    log.info("index-built", grids=len(index), seconds=round(time.monotonic() - began, 2))
    try:
        index.save(path)
    except OSError as error:
        log.warning("index-stays-in-memory", folder=str(path.parent), reason=str(error))
        return index
    # The mapped one takes no memory that other processes do not share.
    return _try_open(path) or index


@contextmanager
def _building(folder: Path) -> Iterator[None]:
    """Let one process build at a time where locks work; several at once do no harm."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
