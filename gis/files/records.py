"""What does a table hand over, whatever file it comes from?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gis.coords import Array

Record = Sequence[str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken: where it is, why, and what it says."""

    row: int
    reason: str
    cells: Record


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
