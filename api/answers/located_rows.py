"""How are located rows written: as JSON, JSON lines, or columns of a table?

Rows keep their own cells. Most rows lie in few grids, so the text of an answer is made once for
each combination of grids that occurs, and not once for each row.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from api.tasks.locate_rows import NO_ANSWER, STATUSES, Outcomes, RowLocator, Rows
from gis.files.row_streams import Row
from gis.files.writing import neutralise

if TYPE_CHECKING:
    from gis.locate.address_lookup import AddressAnswer

OURS = frozenset({"status", "grids", "revision", "point", "match", "error", "stopped", "given"})
_PLAIN_VERDICTS = frozenset({"matched", "ignored"})
_PREFIX = "wangge_"


def name_columns(levels: Sequence[str]) -> list[str]:
    """Return the headings that are added to a table.

    Examples
    --------
    >>> name_columns(["grid"])[:3]
    ['wangge_status', 'wangge_grid', 'wangge_grid_name']
    """
    pairs = [name for level in levels for name in (level, f"{level}_name")]
    names = ["status", *pairs, "revision", "confidence", "reason", "error"]
    return [_PREFIX + name for name in names]


def make_columns(locator: RowLocator, found: Outcomes) -> dict[str, NDArray[np.object_]]:
    """Return the added columns as arrays of text, numbers and None."""
    statuses = np.array([*STATUSES, None], dtype=object)
    revisions = np.array([*(each.id for each in locator.revisions), None], dtype=object)
    columns = {"status": statuses[found.status]}
    for level in locator.levels:
        places = found.places[level]
        columns[level] = locator.codes[level][places]
        columns[f"{level}_name"] = locator.names[level][places]
    columns["revision"] = revisions[found.revision]
    return {_PREFIX + name: column for name, column in columns.items()} | make_remarks(found)


def make_remarks(found: Outcomes) -> dict[str, NDArray[np.object_]]:
    """Return the last of the added columns, which few rows need: confidence, reason and error."""
    remarks = {
        "confidence": {k: round(each.confidence, 4) for k, each in found.answers.items()},
        "reason": {k: tell_reason(each) for k, each in found.answers.items()},
        "error": found.errors,
    }
    return {_PREFIX + name: _fill(len(found), cells) for name, cells in remarks.items()}


def tell_reason(answer: AddressAnswer) -> str:
    """Return in one line why an address was understood as it was."""
    notes = [
        f"{each.part} {each.given}".rstrip() + f": {each.note}"
        for each in answer.reasons
        if each.verdict not in _PLAIN_VERDICTS
    ]
    if answer.status == "ambiguous" and answer.candidates:
        texts = [each.candidate.address.text for each in answer.candidates[:5]]
        notes.append(f"it could be: {' / '.join(texts)}")
    return "; ".join(notes)


class Form(Protocol):
    """A form in which located rows leave, block by block."""

    media_type: str

    def rows(self, rows: Sequence[Row], places: Rows, found: Outcomes) -> bytes:
        """Write a block of rows."""

    def stop(self, message: str) -> bytes:
        """Write as the last row why no more follow, and end."""

    def end(self) -> bytes:
        """Write the end."""


class JsonLinesForm:
    """One JSON object a line."""

    media_type = "application/x-ndjson"

    def __init__(self, locator: RowLocator) -> None:
        self._writer = _JsonRows(locator)

    def rows(self, rows: Sequence[Row], places: Rows, found: Outcomes) -> bytes:
        """Write a line for each row."""
        return b"".join(line + b"\n" for line in self._writer.write(rows, places, found))

    def stop(self, message: str) -> bytes:
        """Write a last line that says why no more follow."""
        return _tell_stop(message) + b"\n"

    def end(self) -> bytes:
        """Write nothing: lines need no end."""
        return b""


class JsonArrayForm:
    """One JSON array."""

    media_type = "application/json"

    def __init__(self, locator: RowLocator) -> None:
        self._writer = _JsonRows(locator)
        self._mark = b"[\n"

    def rows(self, rows: Sequence[Row], places: Rows, found: Outcomes) -> bytes:
        """Write an item for each row."""
        return self._add(self._writer.write(rows, places, found))

    def stop(self, message: str) -> bytes:
        """Write a last item that says why no more follow."""
        return self._add([_tell_stop(message)]) + self.end()

    def end(self) -> bytes:
        """Close the array."""
        return (b"[" if self._mark == b"[\n" else b"\n") + b"]\n"

    def _add(self, items: Iterable[bytes]) -> bytes:
        text = b",\n".join(items)
        if not text:
            return b""
        mark, self._mark = self._mark, b",\n"
        return mark + text


class CsvForm:
    """CSV in UTF-8; a text that a spreadsheet would run is written as text.

    The columns are those of the first block: CSV has no place for others that come later.
    """

    media_type = "text/csv; charset=utf-8"

    def __init__(self, locator: RowLocator) -> None:
        self._locator = locator
        self._added = name_columns(locator.levels)
        self._headings: list[str] | None = None

    def rows(self, rows: Sequence[Row], places: Rows, found: Outcomes) -> bytes:
        """Write a line for each row; before the first, the headings."""
        del places
        begins = self._headings is None
        headings = self._choose_headings(rows)
        columns = make_columns(self._locator, found)
        self._tell_lost_cells(rows, columns["wangge_error"])
        added = zip(*(columns[name].tolist() for name in self._added), strict=True)
        lines = (
            [_plain(row.cells.get(name)) for name in headings] + list(map(_plain, cells))
            for row, cells in zip(rows, added, strict=True)
        )
        return self._write([[*map(neutralise, headings), *self._added]] * begins, lines)

    def stop(self, message: str) -> bytes:
        """Write a last line that says why no more follow."""
        blank = [""] * (len(self._headings or ()) + len(self._added) - 1)
        return self._write([[*blank, f"stopped: {message}"]])

    def end(self) -> bytes:
        """Write nothing: a table needs no end."""
        return b"" if self._headings is not None else self._write([self._added])

    def _choose_headings(self, rows: Sequence[Row]) -> list[str]:
        if self._headings is None:
            names = dict.fromkeys(name for row in rows for name in row.cells)
            self._headings = [name for name in names if name not in self._added]
        return self._headings

    def _tell_lost_cells(self, rows: Sequence[Row], errors: NDArray[np.object_]) -> None:
        known = {*(self._headings or ()), *self._added}
        for place, row in enumerate(rows):
            if lost := row.cells.keys() - known:
                errors[place] = (
                    f"{errors[place] or ''} {min(lost)[:40]!r} is left out: the headings were "
                    "written before it came; ask for application/x-ndjson"
                ).strip()

    def _write(self, *parts: Iterable[Sequence[str]]) -> bytes:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        for part in parts:
            writer.writerows(part)
        return stream.getvalue().encode("utf-8", "replace")


FORMS: Mapping[str, type[JsonArrayForm] | type[JsonLinesForm] | type[CsvForm]] = {
    "application/json": JsonArrayForm,
    "application/x-ndjson": JsonLinesForm,
    "text/csv": CsvForm,
}


class _JsonRows:
    def __init__(self, locator: RowLocator) -> None:
        self._locator = locator
        self._known: dict[tuple[int, ...], str] = {}

    def write(self, rows: Sequence[Row], places: Rows, found: Outcomes) -> list[bytes]:
        """Return each row with its answer as one JSON object."""
        numbers = [found.status, found.revision, *(found.places[x] for x in self._locator.levels)]
        keys = zip(*(each.tolist() for each in numbers), strict=True)
        lon, lat = places.lon.tolist(), places.lat.tolist()
        lines = []
        for k, (row, key) in enumerate(zip(rows, keys, strict=True)):
            if key[0] == NO_ANSWER:
                text = f'"error": {_dump(found.errors.get(k, ""))}'
            else:
                text = self._known.get(key) or self._tell(key)
                answer = found.answers.get(k)
                if answer is not None:
                    text += self._tell_match(answer)
                else:
                    text += f', "point": {{"lon": {lon[k]}, "lat": {lat[k]}}}'
            lines.append(_join(row, text))
        return lines

    def _tell(self, key: tuple[int, ...]) -> str:
        locator = self._locator
        revision = locator.revisions[key[1]]
        told = {
            "status": STATUSES[key[0]],
            "grids": [
                {"level": level, "code": locator.codes[level][k], "name": locator.names[level][k]}
                for level, k in zip(locator.levels, key[2:], strict=True)
                if k >= 0
            ],
            "revision": {
                "id": revision.id,
                "effective_from": _iso(revision.effective_from),
                "effective_to": _iso(revision.effective_to),
            },
        }
        text = _dump(told)[1:-1]
        if len(self._known) < 100_000:
            self._known[key] = text
        return text

    def _tell_match(self, answer: AddressAnswer) -> str:
        point = None if answer.lon is None else {"lon": answer.lon, "lat": answer.lat}
        match = {
            "standard": answer.standard,
            "confidence": round(answer.confidence, 4),
            "provider": answer.provider,
            "reasons": _tell_reasons(answer.reasons),
            "candidates": [
                {
                    "standard": each.candidate.address.text,
                    "confidence": round(each.candidate.confidence, 4),
                    "point": {
                        "lon": each.candidate.address.lon,
                        "lat": each.candidate.address.lat,
                    },
                    "grids": [
                        {"level": hit.level, "code": hit.code, "name": hit.name}
                        for hit in each.grids
                    ],
                    "reasons": _tell_reasons(each.candidate.reasons),
                }
                for each in answer.candidates
            ],
        }
        return f', "point": {_dump(point)}, "match": {_dump(match)}'


def _tell_reasons(reasons: Sequence[Any]) -> list[dict[str, str]]:
    names = ("part", "verdict", "given", "standard", "note")
    return [{name: getattr(each, name) for name in names} for each in reasons]


def _join(row: Row, answer: str) -> bytes:
    """Put a row's own cells and its answer into one object."""
    cells: Mapping[str, Any] = row.cells
    if not OURS.isdisjoint(cells):
        # Nothing is lost: what has one of our names moves into a member of its own.
        kept = {name: cell for name, cell in cells.items() if name not in OURS}
        cells = kept | {"given": {name: cells[name] for name in cells if name in OURS}}
    try:
        own = _dump(cells)[1:-1]
        return f"{{{own}{', ' if own else ''}{answer}}}".encode()
    except ValueError:
        # A number beyond all bounds, or half a character: neither can be written as it came.
        own = json.dumps(_finite(cells))[1:-1]
        return f"{{{own}{', ' if own else ''}{answer}}}".encode("utf-8", "replace")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {name: _finite(cell) for name, cell in value.items()}
    return [_finite(cell) for cell in value] if isinstance(value, list) else value


def _tell_stop(message: str) -> bytes:
    return _dump({"error": message, "stopped": True}).encode("utf-8", "replace")


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _iso(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()


def _fill(count: int, cells: Mapping[int, Any]) -> NDArray[np.object_]:
    column = np.full(count, None, dtype=object)
    for row, cell in cells.items():
        column[row] = cell
    return column


def _plain(cell: Any) -> str:
    if isinstance(cell, dict | list | bool):
        cell = json.dumps(cell, ensure_ascii=False)
    return neutralise(cell).replace("\x00", "�")
