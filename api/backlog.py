"""Where does an answer wait whose reader is still busy sending?

Most programs send a whole request before they read any of the answer. So the answer to a long
upload piles up here: a little in memory, then in an unnamed file, and when that is full too,
whoever writes has to wait.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import deque
from types import TracebackType
from typing import IO

MOST_IN_MEMORY_BYTES = 1_000_000
MOST_IN_FILE_BYTES = 2_000_000_000
_PIECE_BYTES = 65_536


class Backlog:
    """Bytes in the order in which they were put; for one writer and one reader of an event loop."""

    def __init__(
        self,
        *,
        most_in_memory_bytes: int = MOST_IN_MEMORY_BYTES,
        most_in_file_bytes: int = MOST_IN_FILE_BYTES,
    ) -> None:
        self._most = most_in_memory_bytes, most_in_file_bytes
        self._pieces: deque[bytes] = deque()
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._read_to = self._written_to = 0
        self._closed = False
        self._changed = asyncio.Condition()

    async def put(self, piece: bytes) -> None:
        """Add bytes; waits while there is no room."""
        async with self._changed:
            while not self._keep(piece):
                await self._changed.wait()
            self._changed.notify_all()

    async def close(self) -> None:
        """Say that nothing more will be put."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def get(self) -> bytes | None:
        """Return the next bytes, or None when all were read and nothing more comes."""
        async with self._changed:
            while True:
                piece = self._take()
                if piece:
                    self._changed.notify_all()
                    return piece
                if self._closed:
                    return None
                await self._changed.wait()

    def __enter__(self) -> Backlog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def waiting_bytes(self) -> int:
        """How much was put and not yet read."""
        return self._in_memory + self._written_to - self._read_to

    def _keep(self, piece: bytes) -> bool:
        """Keep bytes if there is room; what is in the file comes after what is in memory."""
        in_file = self._written_to - self._read_to
        if not in_file and (not self._in_memory or self._in_memory + len(piece) <= self._most[0]):
            self._pieces.append(piece)
            self._in_memory += len(piece)
            return True
        if self._written_to + len(piece) > self._most[1]:
            return False
        try:
            self._file = self._file or tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (closed at exit)
            self._file.seek(self._written_to)
            if self._file.write(piece) != len(piece):
                return False
        except OSError:
            return False  # no room on the disk either
        self._written_to += len(piece)
        return True

    def _take(self) -> bytes:
        if self._pieces:
            piece = self._pieces.popleft()
            self._in_memory -= len(piece)
            return piece
        if self._file is None or self._read_to == self._written_to:
            return b""
        self._file.seek(self._read_to)
        piece = self._file.read(min(_PIECE_BYTES, self._written_to - self._read_to))
        self._read_to += len(piece)
        if self._read_to == self._written_to:
            self._file.truncate(0)
            self._read_to = self._written_to = 0
        return piece
