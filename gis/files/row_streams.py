"""Which rows does a stream of bytes hold that is still coming in?

JSON arrays and lines here, CSV in :mod:`gis.files.csv_stream`, fed piece by piece as the network
delivers them. Nothing is kept but the row that is not yet complete, and no row may be longer than
:data:`MOST_ROW_BYTES`. A row that cannot be read is told in its place and the rest goes on, as long
as it is clear where the next one begins; else the stream has a ``fault`` and gives nothing more.

A streaming parser (ijson 3.6) was measured and not taken: it needs 3 times as long as the reader of
the standard library, asked for one item after the other; it refuses integers above 64 bits; and for
an item nested 60,000 deep it takes gigabytes, because it keeps the whole way to every level.
"""

from __future__ import annotations

import codecs
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gis.errors import InputError, InputTooLarge

MOST_ROW_BYTES = 65_536
MOST_DEPTH = 20

_BLANK = re.compile(r"[ \t\n\r]*")
MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (from 1; in CSV as a spreadsheet counts), its cells, or what is wrong."""

    number: int
    cells: Mapping[str, Any]
    fault: str = ""


class RowStream(ABC):
    """Takes bytes and gives the rows that are complete.

    ``fault`` says why nothing more can be read; the rows before it have been given.
    """

    def __init__(self) -> None:
        self.fault: InputError | None = None

    def feed(self, piece: bytes) -> list[Row]:
        """Take some bytes and return the rows that end in them."""
        return self._guarded(lambda rows: self._feed(piece, rows))

    def close(self) -> list[Row]:
        """Say that nothing follows, and return what is left."""
        return self._guarded(self._close)

    def _guarded(self, read: Callable[[list[Row]], None]) -> list[Row]:
        rows: list[Row] = []
        if self.fault is None:
            try:
                read(rows)
            except InputError as error:
                self.fault = error
        return rows

    @abstractmethod
    def _feed(self, piece: bytes, rows: list[Row]) -> None: ...

    @abstractmethod
    def _close(self, rows: list[Row]) -> None: ...


class JsonArray(RowStream):
    """The objects of a JSON array in UTF-8.

    Examples
    --------
    >>> stream = JsonArray()
    >>> [row.cells for row in stream.feed(b'[{"lon": 1}, {"lo')], len(stream.feed(b'n": 2}'))
    ([{'lon': 1}], 0)
    >>> [row.cells for row in stream.feed(b"]")], stream.close()
    ([{'lon': 2}], [])
    """

    def __init__(self) -> None:
        super().__init__()
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._number = 0
        self._state = "start"

    def _feed(self, piece: bytes, rows: list[Row]) -> None:
        self._text += self._read(piece, final=False)
        self._text = self._text[self._take(rows, final=False) :]
        if len(self._text) > MOST_ROW_BYTES:
            raise too_long(f"item {self._number + 1}")

    def _close(self, rows: list[Row]) -> None:
        self._text += self._read(b"", final=True)
        self._take(rows, final=True)
        if self._state != "end":
            raise InputError(
                f"the JSON array is not closed: the text ends after item {self._number}; "
                "send it whole",
                item=self._number,
            )

    def _read(self, piece: bytes, *, final: bool) -> str:
        try:
            return self._decode(piece, final)
        except UnicodeDecodeError as error:
            raise InputError(
                f"after item {self._number}: the text is not UTF-8 at "
                f"{error.object[error.start : error.start + 8]!r}; JSON is always UTF-8",
                item=self._number,
            ) from None

    def _take(self, rows: list[Row], *, final: bool) -> int:
        """Collect the complete items, and return where the rest of the text begins."""
        text, place = self._text, 0
        while True:
            if self._state == "start" and text.startswith(MARK, place):
                place += 1
            place = _BLANK.match(text, place).end()  # type: ignore[union-attr]
            if place == len(text):
                return place
            if self._state in ("item", "first"):
                taken = self._take_item(text, place, final=final)
                if taken is None:
                    return place
                row, place = taken
                rows += [] if row is None else [row]
            else:
                self._take_mark(text[place])
                place += 1

    def _take_mark(self, mark: str) -> None:
        if self._state == "start" and mark == "[":
            self._state = "first"
        elif self._state == "after" and mark in ",]":
            self._state = "item" if mark == "," else "end"
        elif self._state == "start":
            raise InputError(
                "the text is no JSON array: it does not begin with '['; send an array of objects, "
                "or name JSON lines with Content-Type: application/x-ndjson"
            )
        else:
            place = "the end of the array, where nothing may stand"
            if self._state != "end":
                place = f"item {self._number}, where a comma or ']' is needed"
            raise InputError(f"{mark!r} follows {place}", item=self._number)

    def _take_item(self, text: str, place: int, *, final: bool) -> tuple[Row | None, int] | None:
        if text[place] == "]" and self._state == "first":
            self._state = "end"
            return None, place + 1
        try:
            value, end = self._scan(text, place)
        except RecursionError:
            raise InputError(
                f"item {self._number + 1} is nested too deeply; at most {MOST_DEPTH} levels",
                item=self._number + 1,
            ) from None
        except ValueError as error:
            if not final and not _is_hopeless(error, text):
                return None
            raise InputError(
                f"item {self._number + 1} is not JSON: {_shorten(error)}", item=self._number + 1
            ) from None
        if end == len(text) and not final:
            return None  # a number could go on
        self._number += 1
        self._state = "after"
        if end - place > MOST_ROW_BYTES:
            raise too_long(f"item {self._number}")
        return _check(self._number, value), end


class JsonLines(RowStream):
    """The objects of a text with one JSON object a line, in UTF-8; empty lines do not count.

    Examples
    --------
    >>> stream = JsonLines()
    >>> [row.cells or row.fault for row in stream.feed(b'{"lon": 1}\\n{oops}\\n{"lon"')]
    [{'lon': 1}, 'line 2 is not JSON: Expecting property name enclosed in double quotes (column 2)']
    >>> [row.cells for row in stream.feed(b": 2}") + stream.close()]
    [{'lon': 2}]
    """

    def __init__(self) -> None:
        super().__init__()
        self._rest = b""
        self._number = 0
        self._skipping = False

    def _feed(self, piece: bytes, rows: list[Row]) -> None:
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        rows += [row for line in lines if (row := self._read(line)) is not None]
        if len(self._rest) > MOST_ROW_BYTES:
            # What is too long anyway need not be kept: the line is told when it ends.
            self._rest, self._skipping = b"", True

    def _close(self, rows: list[Row]) -> None:
        row = self._read(self._rest)
        rows += [] if row is None else [row]

    def _read(self, line: bytes) -> Row | None:
        self._number += 1
        if self._skipping or len(line) > MOST_ROW_BYTES:
            self._skipping = False
            return Row(self._number, {}, too_long(f"line {self._number}").message)
        if self._number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if not line.strip():
            return None
        try:
            return _check(self._number, json.loads(line.decode()))
        except UnicodeDecodeError as error:
            bad = error.object[error.start : error.start + 8]
            return Row(self._number, {}, f"line {self._number} is not UTF-8 at {bad!r}")
        except RecursionError:
            return Row(self._number, {}, f"line {self._number} is nested too deeply")
        except ValueError as error:
            return Row(self._number, {}, f"line {self._number} is not JSON: {_shorten(error)}")


def _check(number: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(
            number, {}, f'it is {_name(value)}; write an object such as {{"lon": 1, "lat": 2}}'
        )
    if any(isinstance(cell, dict | list) for cell in value.values()) and _is_deep(value):
        return Row(number, {}, f"it is nested too deeply; at most {MOST_DEPTH} levels are read")
    return Row(number, value)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _name(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else f"{value!r:.40}"


def _is_hopeless(error: ValueError, text: str) -> bool:
    """Tell an error that no further text can mend: it lies well before the end."""
    place = getattr(error, "pos", None)
    if place is None:
        return True
    # A string that is still open is told at its start, words and escapes up to 16 marks before.
    return "Unterminated" not in str(error) and len(text) - place > 16


def _shorten(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (column {error.colno})"
    return str(error).partition(";")[0][:100]


def too_long(what: str, hint: str = "") -> InputTooLarge:
    """Return the error that a row is too long."""
    return InputTooLarge(f"{what} is longer than {MOST_ROW_BYTES:,} bytes{hint}; that is no row")
