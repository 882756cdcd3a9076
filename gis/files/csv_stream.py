"""Which rows does a CSV text hold that is still coming in?

As :mod:`gis.files.row_streams`: a row whose quote is still open waits for the rest of it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence

from gis.errors import InputError
from gis.files.delimited import check_headings, choose_delimiter
from gis.files.encodings import guess_encoding, parse_encoding
from gis.files.row_streams import MARK, MOST_ROW_BYTES, Row, RowStream, too_long


class CsvRows(RowStream):
    """The rows of a CSV text whose first row is headings.

    Parameters
    ----------
    encoding
        UTF-8 or GB18030, whichever it is, when None: told by the first bytes that are not ASCII.

    Examples
    --------
    >>> stream = CsvRows()
    >>> [row.cells for row in stream.feed("编号,地址\\n1,\\"列东街\\n12号\\"\\n2,列".encode("gbk"))]
    [{'编号': '1', '地址': '列东街\\n12号'}]
    >>> [row.cells for row in stream.feed("西路".encode("gbk")) + stream.close()]
    [{'编号': '2', '地址': '列西路'}]
    """

    def __init__(self, encoding: str | None = None) -> None:
        super().__init__()
        self.headings: list[str] = []
        self._encoding = parse_encoding(encoding) if encoding else None
        self._decoder = self._make_decoder() if encoding else None
        self._undecoded = b""
        self._text = ""
        self._delimiter = ","
        self._number = 0

    def _feed(self, piece: bytes, rows: list[Row]) -> None:
        self._text += self._read(piece, final=False)
        # A carriage return at the end may be half of a line end.
        cut = self._text.rfind("\n") + 1
        ready, self._text = self._text[:cut], self._text[cut:]
        self._text = self._split(ready, rows, final=False) + self._text
        if len(self._text) > MOST_ROW_BYTES:
            raise too_long(f"row {self._number + 1}", hint=", or a quote is not closed")

    def _close(self, rows: list[Row]) -> None:
        self._text += self._read(b"", final=True)
        self._split(self._text, rows, final=True)
        if not self.headings:
            raise InputError("the table is empty; its first row must hold the headings")

    def _read(self, piece: bytes, *, final: bool) -> str:
        if self._decoder is None:
            piece = self._undecoded + piece
            if piece.isascii() and not final:
                self._undecoded = b""
                return piece.decode("ascii")
            # Cut at a line end, so that no character is cut; a line end is never part of one.
            cut = len(piece) if final else piece.rfind(b"\n") + 1
            if not cut and len(piece) <= MOST_ROW_BYTES:
                self._undecoded = piece
                return ""
            self._encoding = guess_encoding([piece[:cut] or piece])
            self._decoder = self._make_decoder()
        try:
            return self._decoder.decode(piece, final)
        except UnicodeError as error:
            bad = piece[:8]  # UTF-16 without its mark is told without a place
            if isinstance(error, UnicodeDecodeError):
                bad = error.object[error.start : error.start + 8]
            raise InputError(
                f"after row {self._number}: the text is not {self._encoding} at {bad!r}; "
                "name its encoding, as in Content-Type: text/csv; charset=gb18030",
                row=self._number,
            ) from None

    def _make_decoder(self) -> codecs.IncrementalDecoder:
        name = "utf-8-sig" if self._encoding == "utf-8" else self._encoding or "utf-8"
        return codecs.getincrementaldecoder(name)()

    def _split(self, text: str, rows: list[Row], *, final: bool) -> str:
        """Collect the complete rows, and return the lines of one whose quote is still open."""
        lines = deque(io.StringIO(text.removeprefix(MARK), newline=""))
        if not self.headings and lines:
            self._delimiter = choose_delimiter(lines[0])
        taken: list[str] = []
        source = _Lines(lines, taken)
        reader = csv.reader(source, delimiter=self._delimiter)
        while lines:
            taken.clear()
            try:
                record = next(reader, None)
            except csv.Error as error:
                raise InputError(f"row {self._number + 1} is no CSV: {error}") from None
            if record is None or (source.is_dry and not final):
                return "".join(taken)
            row = self._take(record)
            rows += [] if row is None else [row]
        return ""

    def _take(self, record: Sequence[str]) -> Row | None:
        self._number += 1
        if not self.headings:
            self.headings = check_headings(record, file="the table")
            return None
        if not record:
            return None
        width = len(self.headings)
        cells = dict(zip(self.headings, [*record, *[""] * (width - len(record))], strict=False))
        fault = ""
        if any(record[width:]):
            fault = f"row {self._number} has {len(record)} cells under {width} headings"
        elif sum(map(len, record)) > MOST_ROW_BYTES:
            fault = too_long(f"row {self._number}").message
        return Row(self._number, cells, fault)


class _Lines:
    """Lines that note which were taken, and whether one was asked for after the last."""

    def __init__(self, lines: deque[str], taken: list[str]) -> None:
        self._lines = lines
        self._taken = taken
        self.is_dry = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._lines:
            self.is_dry = True
            raise StopIteration
        self._taken.append(self._lines.popleft())
        return self._taken[-1]
