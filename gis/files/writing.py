"""How is text from outside written so that a spreadsheet does not run it?"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

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
        self.path.unlink(missing_ok=True)
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
            self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._stream)
            self._writer.writerow(["row", "reason", *map(neutralise, self._headings)])
        self._writer.writerow([row, reason, *(neutralise(_plain(cell)) for cell in cells)])
        self.count += 1


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\x00", "�")
