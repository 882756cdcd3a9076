"""Which column of a table holds what?

Columns that are named win; for the rest the usual English and Chinese headings are known. What was
chosen is always told, so that a wrong guess is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from gis.errors import InputError
from gis.reports.model import Kind, Status


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """The headings that a person named; None leaves it to the usual headings.

    ``expected`` is a column with the code of the grid that someone else found (to compare); it is
    never guessed. ``default_*`` stand in where there is no such column or its cell says nothing
    that is known.
    """

    lon: str | None = None
    lat: str | None = None
    occurred_at: str | None = None
    kind: str | None = None
    category: str | None = None
    external_id: str | None = None
    title: str | None = None
    status: str | None = None
    address: str | None = None
    expected: str | None = None
    default_kind: Kind = Kind.INCIDENT
    default_category: str = "未分类"
    default_status: Status = Status.CLOSED

    def named(self) -> dict[str, str | None]:
        """The parts with the headings that were named for them."""
        parts = [item.name for item in fields(self) if not item.name.startswith("default_")]
        return {part: getattr(self, part) for part in parts}


USUAL_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "lon": ("longitude", "lng", "lon", "long", "经度", "x", "x坐标", "东经"),
    "lat": ("latitude", "lat", "纬度", "y", "y坐标", "北纬"),
    "occurred_at": (
        *("occurredat", "occurred", "date", "datetime", "time", "timestamp", "month"),
        *("createdat", "reportedat", "发生时间", "发生日期", "上报时间", "受理时间", "来电时间"),
        *("诉求时间", "创建时间", "时间", "日期", "月份"),
    ),
    "kind": ("kind", "类型", "事项类型", "诉求类型"),
    "category": ("category", "类别", "问题分类", "问题类别", "分类", "事项分类"),
    "external_id": ("id", "externalid", "caseid", "编号", "工单号", "工单编号", "案件编号"),
    "title": ("title", "subject", "标题", "内容摘要", "摘要", "事项标题"),
    "status": ("status", "state", "状态", "办理状态"),
    "address": ("address", "location", "地址", "发生地址", "发生地点", "地点", "位置"),
}


def choose_columns(
    headings: Sequence[str],
    named: Mapping[str, str | None],
    *,
    file: str,
    usual: Mapping[str, Sequence[str]] = USUAL_HEADINGS,
    required: Sequence[str] = (),
) -> dict[str, str]:
    """Tell which heading plays which part.

    Parameters
    ----------
    headings
        As in the file.
    named
        From the part (``lon``, ``occurred_at``…) to the heading that a person named.
    usual
        From the part to headings that are known for it, the most telling first.
    required
        Parts that must be played.

    Returns
    -------
    dict
        From the part to the heading; parts without one are left out.

    Raises
    ------
    InputError
        A named column is not there, or a required part is played by none.

    Examples
    --------
    >>> choose_columns(["编号", "经度", "纬度", "发生时间"], {"title": None}, file="a.csv")
    {'lon': '经度', 'lat': '纬度', 'occurred_at': '发生时间', 'external_id': '编号'}
    """
    used = {
        part: _find_named(name, headings, file) for part, name in named.items() if name is not None
    }
    for part, names in usual.items():
        if part not in used:
            found = _find_usual(names, headings, set(used.values()))
            if found is not None:
                used[part] = found
    for part in required:
        if part not in used:
            raise InputError(
                f"{file}: no column is known to hold {_MEANING[part]}; name one with "
                f"--{_OPTION[part]}; the columns are: {', '.join(headings)}",
                file=file,
                part=part,
            )
    order = list(dict.fromkeys([*usual, *named]))
    return {part: used[part] for part in order if part in used}


_MEANING = {"lon": "the longitude", "lat": "the latitude", "occurred_at": "the date"}
_OPTION = {"lon": "lon", "lat": "lat", "occurred_at": "date"}


def _find_named(named: str, headings: Sequence[str], file: str) -> str:
    for heading in headings:
        if heading == named:
            return heading
    for heading in headings:
        if _plain(heading) == _plain(named):
            return heading
    raise InputError(
        f"{file} has no column {named!r}; the columns are: {', '.join(headings)}",
        file=file,
        column=named,
    )


def _find_usual(usual: Sequence[str], headings: Sequence[str], taken: set[str]) -> str | None:
    by_plain = {_plain(heading): heading for heading in reversed(headings)}
    for name in usual:
        found = by_plain.get(name)
        if found is not None and found not in taken:
            return found
    return None


def _plain(heading: str) -> str:
    return "".join(mark for mark in heading.casefold() if mark.isalnum())
