"""How does the comparison of two plans leave the program: as tables and as GeoJSON?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import shapely

from gis import coords
from gis.files.sheets import Sheet, Value
from gis.plan.impact import Borders, Impact, State

_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "Handovers": "移交",
        "Areas": "各区",
        "Totals": "合计",
        "Lineage": "沿革",
        "From: code": "移出编码",
        "From: name": "移出名称",
        "To: code": "移入编码",
        "To: name": "移入名称",
        "Kind": "类型",
        "Code": "编码",
        "Level": "层级",
        "Area m²": "面积（平方米）",
        "households": "户数",
        "buildings": "楼栋",
        "addresses": "地址",
        "reports_per_year": "年报告数",
        "open_reports": "未办结报告",
        "cameras": "摄像头",
        "staff": "人员",
        "load": "负荷",
        "deviation": "偏离均值",
        "name": "名称",
        "parent": "上级编码",
        "before": "调整前",
        "after": "调整后",
        "What": "项目",
        "Change hands": "变更归属",
        "Only another code": "仅编码变更",
        "Of all": "总数",
        "Share": "占比",
        "area": "面积",
        "share of the old": "占原区比例",
        "share of the new": "占新区比例",
        "same": "不变",
        "renamed": "编码变更",
        "moved": "边界移动",
        "split": "拆出",
        "merged": "并入",
        "new": "新增",
        "retired": "撤销",
        "district": "区",
        "subdistrict": "街道",
        "community": "社区",
        "grid": "网格",
        "subgrid": "小网格",
    }
)


def tabulate_impact(impact: Impact, *, language: str = "zh") -> list[Sheet]:
    """Return the tables of a comparison: totals, handovers, areas before and after, lineage.

    Parameters
    ----------
    language
        ``zh`` or ``en``: of titles, headings and kinds; names stay as they are.
    """
    say: Callable[[str], str] = (lambda text: _CHINESE.get(text, text)) if language == "zh" else str
    return [
        _totals(impact, say),
        _handovers(impact, say),
        _areas(impact, say),
        _lineage(impact, say),
    ]


def write_impact_geojson(impact: Impact) -> str:
    """Return the ground that changes hands and the borders that come and go as GeoJSON.

    Coordinates are longitude and latitude in EPSG:4490 with all their digits, as GeoJSON takes
    them (CGCS2000 and WGS84 agree within centimetres). ``what`` is ``handover``, ``new_border`` or
    ``vanished_border``.
    """
    features = [
        _feature(
            row.geometry,
            {
                "what": "handover",
                "kind": row.kind,
                "from_code": row.from_code,
                "from_name": row.from_name,
                "to_code": row.to_code,
                "to_name": row.to_name,
                "area_m2": round(row.area_m2, 1),
                **row.amounts,
            },
        )
        for row in impact.handovers
        if row.geometry is not None
    ]
    sides: tuple[tuple[str, Borders], ...] = (
        ("new_border", impact.new_borders),
        ("vanished_border", impact.vanished_borders),
    )
    features += [
        _feature(borders.lines, {"what": what, "length_m": round(borders.length_m, 1)})
        for what, borders in sides
        if not borders.lines.is_empty
    ]
    told = {"type": "FeatureCollection", "crs_note": coords.STORAGE_CRS, "features": features}
    return json.dumps(told, ensure_ascii=False, allow_nan=False)


def _feature(geometry: Any, properties: dict[str, Any]) -> dict[str, Any]:
    shape = shapely.geometry.mapping(geometry)
    return {"type": "Feature", "properties": properties, "geometry": shape}


def _totals(impact: Impact, say: Callable[[str], str]) -> Sheet:
    headings = ("What", "Change hands", "Only another code", "Of all", "Share")
    rows: list[tuple[Value, ...]] = []
    for total in impact.totals:
        what = "Area m²" if total.kind == "area_m2" else total.kind
        share = total.moved / total.everything if total.everything else None
        rows.append((say(what), total.moved, total.recoded, total.everything, share))
    return Sheet(say("Totals"), tuple(map(say, headings)), tuple(rows))


def _handovers(impact: Impact, say: Callable[[str], str]) -> Sheet:
    headings = ("From: code", "From: name", "To: code", "To: name", "Kind", "Area m²")
    rows = tuple(
        (
            row.from_code,
            row.from_name,
            row.to_code,
            row.to_name,
            say(row.kind),
            row.area_m2,
            *(row.amounts[kind] for kind in impact.kinds),
        )
        for row in impact.handovers
    )
    return Sheet(say("Handovers"), tuple(map(say, (*headings, *impact.kinds))), rows)


def _areas(impact: Impact, say: Callable[[str], str]) -> Sheet:
    fields = ("name", "parent", "Area m²", *impact.kinds, "load", "deviation")
    headings = [f"{say(name)}: {say(side)}" for name in fields for side in ("before", "after")]
    rows = tuple(
        (
            change.code,
            *(_value(state, name) for name in fields for state in (change.before, change.after)),
        )
        for change in impact.grids
    )
    return Sheet(say("Areas"), (say("Code"), *headings), rows)


def _value(state: State | None, name: str) -> Value:
    if state is None:
        return None
    if name == "Area m²":
        return state.area_m2
    if name in state.amounts:
        return state.amounts[name]
    value: Value = getattr(state, name)
    return value


def _lineage(impact: Impact, say: Callable[[str], str]) -> Sheet:
    what = ("area", "households", "buildings")
    shares = [
        f"{say(name)}: {say(f'share of the {side}')}" for name in what for side in ("old", "new")
    ]
    rows = tuple(
        (
            say(row.level.value),
            row.from_code,
            row.to_code,
            say(row.kind),
            row.area_share_from,
            row.area_share_to,
            row.households_share_from,
            row.households_share_to,
            row.buildings_share_from,
            row.buildings_share_to,
        )
        for row in impact.lineage
    )
    headings = ("Level", "From: code", "To: code", "Kind")
    return Sheet(say("Lineage"), (*map(say, headings), *shares), rows)
