"""Which other names of places does a table hold, and since when?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from gis.files.columns import choose_columns
from gis.files.dates import parse_dates
from gis.files.records import Rejected
from gis.files.sources import open_table
from gis.locate.standard_address import Alias, AliasPart

LONGEST_NAME = 200
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "part": ("part", "level", "类别", "类型", "级别", "部分"),
    "alias": ("alias", "othername", "oldname", "formername", "别名", "旧名", "曾用名", "原名"),
    "name": ("name", "newname", "standardname", "标准名", "标准名称", "现名", "名称", "新名"),
    "from": ("from", "validfrom", "since", "起始日期", "生效日期", "开始日期", "起"),
    "to": ("to", "validto", "until", "终止日期", "失效日期", "结束日期", "止"),
}
_PARTS: Mapping[str, AliasPart] = {
    **dict.fromkeys(("province", "省", "省份"), "province"),
    **dict.fromkeys(("city", "市", "地级市", "设区市"), "city"),
    **dict.fromkeys(("county", "district", "区", "县", "区县", "县区"), "county"),
    **dict.fromkeys(("subdistrict", "town", "街道", "镇", "乡", "乡镇", "镇街"), "subdistrict"),
    **dict.fromkeys(("community", "village", "社区", "村", "村居"), "community"),
    **dict.fromkeys(("road", "street", "路", "街", "道路", "路名"), "road"),
    **dict.fromkeys(("estate", "小区", "住宅小区"), "estate"),
    **dict.fromkeys(("place", "poi", "地名", "兴趣点", "单位"), "place"),
}
_LISTED = ", ".join(sorted(set(_PARTS.values())))
_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class AliasList:
    """The other names of one file; ``rejected`` are rows that cannot be used."""

    aliases: list[Alias]
    rejected: list[Rejected]
    notes: list[str]
    columns_used: Mapping[str, str]


def read_aliases(
    path: Path | str,
    *,
    columns: Mapping[str, str | None] | None = None,
    encoding: str | None = None,
    layer: str | None = None,
) -> AliasList:
    """Read other names with their dates from CSV or XLSX.

    Parameters
    ----------
    columns
        From ``part``, ``alias``, ``name``, ``from`` or ``to`` to the heading; the usual ones are
        known. The last two may be missing: then a name is in use without bound.
    encoding, layer
        Of a CSV; of a workbook.

    Returns
    -------
    AliasList
        ``to`` is the first day on which the other name is no longer in use.
    """
    source = Path(path)
    table = open_table(source, encoding=encoding, layer=layer)
    used = choose_columns(
        table.headings,
        columns or {},
        file=source.name,
        usual=HEADINGS,
        required=("part", "alias", "name"),
    )
    places = {part: list(table.headings).index(name) for part, name in used.items()}
    found = AliasList([], [], list(table.notes), used)
    known: dict[tuple[str, str, str], list[tuple[Alias, int]]] = {}
    for chunk in table.chunks:
        found.rejected.extend(chunk.bad)
        cells = {part: list(map(str.strip, chunk.column(place))) for part, place in places.items()}
        days = {end: _read_days(cells.get(end), len(chunk.numbers)) for end in ("from", "to")}
        for index, number in enumerate(chunk.numbers):
            row = {part: column[index] for part, column in cells.items()}
            made = _make(row, days["from"][index], days["to"][index])
            fault = made if isinstance(made, str) else _find_overlap(made, number, known)
            if isinstance(made, str) or fault:
                found.rejected.append(Rejected(number, fault, chunk.records[index]))
            else:
                found.aliases.append(made)
    return found


def _make(row: Mapping[str, str], begins: date | None, ends: date | None) -> Alias | str:
    """Return the alias of a row, or why it is none."""
    part, alias, name = row["part"].casefold(), row["alias"], row["name"]
    days = {"from": begins, "to": ends}
    unread = "".join(row[end] for end, day in days.items() if row.get(end) and day is None)
    backwards = begins is not None and ends is not None and ends <= begins
    faults = (
        (part not in _PARTS, f"{part[:40]!r} is no part; write one of {_LISTED}"),
        (not (alias and name), "lacks one of the two names"),
        (alias == name, "says the same name twice"),
        (max(len(alias), len(name)) > LONGEST_NAME, f"has a name above {LONGEST_NAME} characters"),
        ("\x00" in alias + name, "holds a NUL character"),
        (bool(unread), f"has a date that cannot be read: {unread[:40]!r}"),
        (backwards, "ends before it begins"),
    )
    fault = next((why for found, why in faults if found), None)
    return fault or Alias(_PARTS[part], alias, name, begins, ends)


def _find_overlap(
    alias: Alias, number: int, known: dict[tuple[str, str, str], list[tuple[Alias, int]]]
) -> str:
    """Tell which earlier row says the two names for some of the same days with other dates."""
    same = known.setdefault((alias.part, alias.alias, alias.name), [])
    begins, ends = alias.valid_from or date.min, alias.valid_to or date.max
    for other, row in same:
        meets = begins < (other.valid_to or date.max) and (other.valid_from or date.min) < ends
        if meets and other != alias:
            return f"says the two names of row {row} for some of the same days"
    same.append((alias, number))
    return ""


def _read_days(cells: list[str] | None, count: int) -> list[date | None]:
    if cells is None:
        return [None] * count
    moments = parse_dates(pd.Series(cells, dtype=object), time_zone=_ZONE)
    return [None if pd.isna(moment) else moment.date() for moment in moments]
