"""What does a table hand over, whatever file it comes from?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from gis.coords import Array

Record = Sequence[str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken: where it is, why, and what it says."""

    row: int
    reason: str
    cells: Record


class PlainRecords(Sequence[Record]):
    """Rows whose cells stand side by side in one list: a column is a slice, which is quick.

    Examples
    --------
    >>> rows = PlainRecords(["1", "a", "2", "b"], width=2)
    >>> rows[1], rows.column(0)
    (['2', 'b'], ['1', '2'])
    """

    def __init__(self, cells: list[str], *, width: int) -> None:
        self._cells = cells
        self._width = width

    def __len__(self) -> int:
        return len(self._cells) // self._width

    @overload
    def __getitem__(self, row: int) -> Record: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Record]: ...
    def __getitem__(self, row: int | slice) -> Record | Sequence[Record]:
        if isinstance(row, slice):
            return [self[index] for index in range(*row.indices(len(self)))]
        start = range(len(self))[row] * self._width
        return self._cells[start : start + self._width]

    def column(self, place: int) -> list[str]:
        """Return the cells of one column."""
        return self._cells[place :: self._width]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table.

    ``numbers`` are the row numbers as a spreadsheet shows them; ``x``/``y`` are positions in the
    table's CRS when geometry carries them, None when columns do.
    """

    numbers: Sequence[int]
    records: Sequence[Record]
    bad: Sequence[Rejected] = ()
    x: Array | None = None
    y: Array | None = None

    def column(self, place: int) -> list[str]:
        """Return the cells of one column, by its place among the headings."""
        if isinstance(self.records, PlainRecords):
            return self.records.column(place)
        return [record[place] for record in self.records]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of a table, the rows in chunks that are read as they are asked for.

    ``crs`` is what the file itself says; ``has_geometry`` tells that positions come from there.
    """

    headings: Sequence[str]
    chunks: Iterator[Chunk]
    crs: str | None = None
    crs_by_format: bool = False
    has_geometry: bool = False
    notes: Sequence[str] = field(default_factory=tuple)
