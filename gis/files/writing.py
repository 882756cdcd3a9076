"""How is text from outside written so that a spreadsheet does not run it?"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from gis.errors import Refused

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutralise(cell: object) -> str:
    """Write a cell for CSV so that spreadsheets show formulas as text; numbers stay numbers.

    Examples
    --------
    >>> neutralise('=HYPERLINK("x")'), neutralise("-1.5"), neutralise("翁墩")
    ('\\'=HYPERLINK("x")', '-1.5', '翁墩')
    """
    text = "" if cell is None else str(cell)
    if not text.startswith(_RUNS):
        return text
    try:
        float(text)
    except ValueError:
        return "'" + text
    return text if text == text.strip() else "'" + text


class RejectedRows:
    """A CSV file of the rows that were not taken, made only when there is one.

    Parameters
    ----------
    path
        Where it is written; one from an earlier run is taken away first.
    headings
        Of the input, which come after ``row`` and ``reason``.
    """

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self.path = path
        self.count = 0
        self._headings = headings
        self._stream: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> RejectedRows:
        if os.path.lexists(self.path):
            with self._explained():
                self.path.unlink()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, row: int, reason: str, cells: Iterable[object]) -> None:
        """Write one row with the reason why it was not taken."""
        if self._stream is None:
            with self._explained():
                self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._stream)
            self._writer.writerow(["row", "reason", *map(neutralise, self._headings)])
        self._writer.writerow([row, reason, *(neutralise(_plain(cell)) for cell in cells)])
        self.count += 1

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Refused(
                f"the rejected rows cannot be written to {self.path} ({error.strerror}), so "
                "nothing was imported; put the file into a folder that can be written",
                file=str(self.path),
            ) from None


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\x00", "�")
