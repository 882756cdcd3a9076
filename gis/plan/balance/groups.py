"""Which moved units go together, and in which order can they go one by one?

Units that leave one grid for another and touch each other are one group: one line to the planner,
one edit on the draft. Groups are put in an order in which each can be made on its own: it touches
the grid that takes it, and leaves the grid that gives it in as many parts as before.
"""

from __future__ import annotations

from collections.abc import Iterable

from gis.plan.balance.sketch import Sketch

Group = list[int]


def group_moves(sketch: Sketch) -> list[Group]:
    """Return the groups of units that are not where they were, each ascending."""
    waiting: dict[tuple[int, int], set[int]] = {}
    for unit in sketch.moved():
        waiting.setdefault((sketch.origin[unit], sketch.label[unit]), set()).add(unit)
    groups = []
    for left in waiting.values():
        while left:
            group = _flood(sketch, min(left), left)
            left.difference_update(group)
            groups.append(sorted(group))
    return sorted(groups)


def drop_needless(sketch: Sketch) -> None:
    """Take back whole groups, the dearest first, that no limit needs."""
    dropped = True
    while dropped:
        groups = group_moves(sketch)
        groups.sort(key=lambda group: (-sum(sketch.cost[u] for u in group), group))
        results = [_try_group(sketch, group, sketch.origin[group[0]]) for group in groups]
        dropped = any(results)


def order_groups(sketch: Sketch) -> list[Group]:
    """Take everything back, then make the moves again in an order that works one by one.

    Of those that are possible the one comes first that brings loads nearest to their limits.
    """
    waiting = [(group, sketch.label[group[0]]) for group in group_moves(sketch)]
    for group, _ in waiting:
        put(sketch, group, sketch.origin[group[0]])
    ordered = []
    while waiting:
        ranked = sorted(
            (
                not is_sound(sketch, group, taker),
                _violation_after(sketch, group, taker),
                group,
                taker,
            )
            for group, taker in waiting
        )
        _, _, group, taker = ranked[0]
        put(sketch, group, taker)
        waiting.remove((group, taker))
        ordered.append(group)
    return ordered


def put(sketch: Sketch, group: Iterable[int], grid: int) -> None:
    """Give several units to a grid."""
    for unit in group:
        sketch.move(unit, grid)


def is_sound(sketch: Sketch, group: Group, taker: int) -> bool:
    """Tell whether a group touches its taker and leaves its giver in no more parts than before."""
    giver = sketch.label[group[0]]
    touches = any(sketch.label[other] == taker for unit in group for other, _ in sketch.near[unit])
    rest = sketch.members[giver] - set(group)
    return (
        touches
        and bool(rest)
        and count_parts(sketch, rest) <= count_parts(sketch, sketch.members[giver])
    )


def count_parts(sketch: Sketch, units: set[int]) -> int:
    """Count the parts that do not touch each other."""
    left, count = set(units), 0
    while left:
        left -= _flood(sketch, min(left), left)
        count += 1
    return count


def _try_group(sketch: Sketch, group: Group, first: int) -> bool:
    now, before = sketch.label[group[0]], sketch.violation()
    if not is_sound(sketch, group, first):
        return False
    put(sketch, group, first)
    if sketch.violation() <= before + 1e-9:
        return True
    put(sketch, group, now)
    return False


def _violation_after(sketch: Sketch, group: Group, taker: int) -> float:
    giver, load = sketch.label[group[0]], sum(sketch.load[unit] for unit in group)
    before = sketch.excess(giver) + sketch.excess(taker)
    return round(sketch.excess(giver, -load) + sketch.excess(taker, load) - before, 6)


def _flood(sketch: Sketch, start: int, within: set[int]) -> set[int]:
    seen, queue = {start}, [start]
    while queue:
        for other, _ in sketch.near[queue.pop()]:
            if other in within and other not in seen:
                seen.add(other)
                queue.append(other)
    return seen
