"""Which grids have the ground of a code that is no longer in use?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from api.live_plans import LivePlan
from gis.errors import NotFound
from gis.plan import Grid, Revision
from gis.plan.lineage import successors

LEAST_SHARE = 0.01
"""Who has less of the ground than this is no successor."""


@dataclass(frozen=True, slots=True)
class Heir:
    """A grid with ground of a retired one, and how much of it: exact for one step of lineage, a
    product of shares for several."""

    grid: Grid
    area_share: float


@dataclass(frozen=True, slots=True)
class Estate:
    """What a retired code left behind: the last revision that had it, and who has its ground."""

    last: Revision
    heirs: list[Heir]


def find_heirs(live: LivePlan, code: str, revision: Revision) -> Estate:
    """Return the grids of a revision that have the ground of an earlier code, most of it first.

    Raises
    ------
    NotFound
        No revision up to this one had the code.
    """
    line = _revisions_to(live, revision)
    last = max((index for index, each in enumerate(line) if code in each.plan), default=None)
    if last is None:
        later = next((each for each in live.revisions if code in each.plan), None)
        raise NotFound(
            f"no grid had the code {code!r} by then"
            + (f"; it is in use from {later.effective_from}" if later else ""),
            grid=code,
        )
    shares = {code: 1.0}
    for step in line[last + 1 :]:
        rows = live.lineage[step.id]
        following: dict[str, float] = defaultdict(float)
        for old, share in shares.items():
            for row in successors(rows, old):
                if row.to_code is not None:
                    following[row.to_code] += share * row.area_share_from
        shares = following
    heirs = [
        Heir(revision.plan[heir], min(share, 1.0))
        for heir, share in shares.items()
        if share >= LEAST_SHARE
    ]
    heirs.sort(key=lambda heir: (-heir.area_share, heir.grid.code))
    return Estate(line[last], heirs)


def _revisions_to(live: LivePlan, last: Revision) -> Sequence[Revision]:
    ids = [revision.id for revision in live.revisions]
    return live.revisions[: ids.index(last.id) + 1]
