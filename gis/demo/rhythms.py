"""What is reported, how often, where and when?

Weights are invented, after what every district office knows: stalls and noise on summer evenings,
leaks in the rains of spring, parking at school hours, disputes at weekends.
"""

from __future__ import annotations

from dataclasses import dataclass

from gis.reports.model import Kind

_S, _D, _R, _I = Kind.SUGGESTION, Kind.DISPUTE, Kind.SERVICE_REQUEST, Kind.INCIDENT


@dataclass(frozen=True)
class Matter:
    """A category of reports.

    ``kinds`` are weights; ``hours`` and ``months`` name rows of the tables below; ``weekend`` is
    the weight of a Saturday or Sunday against a weekday; ``street`` tells whether it happens on
    the street (else in a house), ``pull`` how much more often near markets, schools, the station.
    """

    category: str
    kinds: tuple[tuple[Kind, float], ...]
    hours: str
    months: str
    weekend: float
    street: bool
    pull: float


MATTERS = (
    Matter("占道经营", ((_R, 6.0), (_I, 5.0), (_S, 0.7)), "market", "summer", 1.3, True, 1.0),
    Matter("噪音扰民", ((_R, 7.5), (_D, 0.9), (_S, 0.4)), "night", "summer", 1.35, False, 0.4),
    Matter("垃圾清运", ((_R, 8.0), (_S, 1.3)), "morning", "summer", 0.9, True, 0.5),
    Matter("违停", ((_I, 9.0), (_R, 4.0), (_S, 0.9)), "commute", "even", 0.75, True, 0.9),
    Matter("邻里纠纷", ((_D, 2.3),), "evening", "even", 1.4, False, 0.0),
    Matter("物业纠纷", ((_D, 1.5), (_R, 1.5)), "office", "even", 0.8, False, 0.0),
    Matter("路灯故障", ((_R, 4.0), (_S, 0.7)), "night", "winter", 1.0, True, 0.0),
    Matter("井盖破损", ((_I, 3.0), (_R, 2.0)), "morning", "rain", 0.8, True, 0.1),
    Matter("消防通道堵塞", ((_I, 4.0), (_S, 0.5)), "evening", "winter", 1.1, False, 0.2),
    Matter("电动车充电", ((_R, 3.0), (_S, 1.2), (_I, 1.0)), "evening", "even", 1.0, False, 0.0),
    Matter("高空抛物", ((_I, 2.0), (_D, 0.2)), "evening", "even", 1.2, False, 0.0),
    Matter("漏水", ((_R, 5.0), (_D, 0.6)), "morning", "rain", 0.9, False, 0.0),
    Matter("绿化养护", ((_R, 2.0), (_S, 0.9)), "office", "rain", 0.7, True, 0.0),
)

HOURS: dict[str, tuple[int, ...]] = {
    "market": (1, 0, 0, 0, 1, 3, 8, 12, 11, 8, 6, 5, 4, 4, 4, 5, 7, 10, 13, 12, 9, 6, 4, 2),
    "night": (8, 5, 3, 2, 1, 1, 2, 3, 4, 4, 4, 4, 5, 5, 4, 4, 4, 5, 7, 9, 11, 13, 14, 11),
    "morning": (1, 0, 0, 0, 0, 1, 4, 9, 13, 13, 11, 8, 5, 5, 7, 8, 7, 5, 4, 3, 2, 2, 1, 1),
    "commute": (1, 1, 0, 0, 0, 1, 4, 13, 12, 7, 5, 6, 6, 4, 4, 5, 9, 13, 12, 8, 5, 4, 3, 2),
    "evening": (2, 1, 1, 0, 0, 0, 2, 4, 5, 5, 5, 6, 6, 4, 4, 5, 6, 8, 11, 13, 13, 10, 6, 3),
    "office": (0, 0, 0, 0, 0, 0, 1, 3, 11, 14, 13, 9, 3, 3, 9, 12, 11, 7, 3, 2, 1, 1, 0, 0),
}
MONTHS: dict[str, tuple[int, ...]] = {
    "even": (9, 7, 10, 10, 10, 10, 10, 10, 10, 9, 10, 10),
    "summer": (6, 5, 7, 9, 11, 13, 15, 15, 12, 10, 8, 6),
    "winter": (13, 11, 10, 9, 8, 7, 7, 8, 9, 10, 12, 14),
    "rain": (6, 8, 12, 15, 17, 16, 10, 9, 8, 6, 6, 5),
}
YEARS = {2023: 8, 2024: 10, 2025: 11}
