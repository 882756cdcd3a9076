"""How does a trend of reports leave the program as tables?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from zoneinfo import ZoneInfo

from gis.files.sheets import Sheet, Value
from gis.reports.trend import Basis, Trend

_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "Reports": "报告数",
        "Per 1,000 households": "每千户报告数",
        "About": "说明",
        "Code": "编码",
        "Name": "名称",
        "Households": "户数",
        "Total": "合计",
        "outside every grid": "网格外",
        "without a position": "未定位",
        "all reports": "全部报告",
        "What": "项目",
        "Value": "内容",
        "Boundaries": "边界口径",
        "as they were when each report occurred": "报告发生时的边界",
        "of one revision, all reports located on it": "同一版边界，全部报告重新定位",
        "From": "起",
        "Until before": "止（不含）",
        "Time zone": "时区",
        "Only in part": "不完整的时段",
        "on the boundaries of each period; the mean if these changed": (
            "按各时段的边界；时段内边界有变的，取按时间加权的平均"
        ),
        "An empty cell": "空白单元格",
        "the grid did not exist then, or has no households": "当时无此网格，或无户数",
    }
)


def tabulate_trend(trend: Trend, *, language: str = "zh") -> list[Sheet]:
    """Return the tables of a trend: counts, rates, and what they are about.

    The counts end with the reports outside every grid, those without a position, and all of them.
    The households by which the rates are divided have a table of their own.
    """
    say: Callable[[str], str] = (lambda text: _CHINESE.get(text, text)) if language == "zh" else str
    return [_counts(trend, say), _rates(trend, say), _households(trend, say), _about(trend, say)]


def _counts(trend: Trend, say: Callable[[str], str]) -> Sheet:
    rows: list[tuple[Value, ...]] = [
        (row.code, row.name, *row.counts, row.total) for row in trend.rows
    ]
    everything = tuple(map(sum, zip(trend.located, trend.outside, trend.unlocated, strict=True)))
    for label, counts in (
        ("outside every grid", trend.outside),
        ("without a position", trend.unlocated),
        ("all reports", everything),
    ):
        rows.append(("", say(label), *counts, sum(counts)))
    headings = (say("Code"), say("Name"), *trend.periods, say("Total"))
    return Sheet(say("Reports"), headings, tuple(rows))


def _rates(trend: Trend, say: Callable[[str], str]) -> Sheet:
    headings = (say("Code"), say("Name"), *trend.periods)
    rows = tuple(
        (row.code, row.name, *map(_rounded, row.per_1000_households)) for row in trend.rows
    )
    return Sheet(say("Per 1,000 households"), headings, rows)


def _households(trend: Trend, say: Callable[[str], str]) -> Sheet:
    headings = (say("Code"), say("Name"), *trend.periods)
    rows = tuple((row.code, row.name, *map(_rounded, row.households)) for row in trend.rows)
    return Sheet(say("Households"), headings, rows)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _about(trend: Trend, say: Callable[[str], str]) -> Sheet:
    zone = ZoneInfo(trend.zone)
    basis = {
        Basis.AS_WAS: "as they were when each report occurred",
        Basis.REVISION: "of one revision, all reports located on it",
    }[trend.basis]
    partial = [p for p, whole in zip(trend.periods, trend.is_whole, strict=True) if not whole]
    rows: tuple[tuple[Value, ...], ...] = (
        (say("Boundaries"), say(basis)),
        (say("From"), f"{trend.since.astimezone(zone):%Y-%m-%d %H:%M}"),
        (say("Until before"), f"{trend.until.astimezone(zone):%Y-%m-%d %H:%M}"),
        (say("Time zone"), trend.zone),
        (say("Only in part"), ", ".join(partial)),
        (
            say("Households"),
            say("on the boundaries of each period; the mean if these changed"),
        ),
        (say("An empty cell"), say("the grid did not exist then, or has no households")),
    )
    return Sheet(say("About"), (say("What"), say("Value")), rows)
