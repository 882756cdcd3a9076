"""Which edits give buildings to a grid, or even out the work of several grids?

Nothing is changed here: what comes back are ordinary edits that can be sent to the draft.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely

from api.tasks.ground import Ground
from api.tasks.workshop import Bench, Workshop
from gis.errors import InputError, NotFound
from gis.plan import BaseLayer, Grid, Level, Plan
from gis.plan.balance.divide import divide, divide_to_edits
from gis.plan.balance.edits import rings_of, to_edits
from gis.plan.balance.explain import Proposal
from gis.plan.balance.propose import propose_balance
from gis.plan.edits import Transfer, write_edit
from gis.plan.units import Grain, Units, ground_of, make_units

MOST_GRIDS = 60
"""So many grids can be evened out at once; a district is done community by community."""


@dataclass(frozen=True, slots=True)
class BalanceChoices:
    """Which grids are to be evened out, and how; a limit that is None is the installation's."""

    floor: float | None = None
    ceiling: float | None = None
    codes: Collection[str] = ()
    parent: str | None = None
    locked: Collection[str] = ()
    across: bool = False
    seed: int = 0
    grain: Grain = "buildings"


def transfer_of(
    workshop: Workshop, draft_id: int, buildings: Sequence[str], *, to: str, across: bool
) -> dict[str, Any]:
    """Return the edit that gives the ground of buildings, and what lies between, to a grid.

    Raises
    ------
    NotFound
        There is no such building or grid.
    """
    with workshop.at_draft(draft_id) as bench:
        plan, ground = bench.plan(), bench.ground
        target = plan[to]
    wanted = set(buildings)
    chosen = [each for each in ground.buildings.items if each.external_id in wanted]
    if missing := sorted(wanted - {each.external_id for each in chosen}):
        raise NotFound(f"there is no building {missing[0][:80]!r}", buildings=missing)
    footprints = np.array([each.geometry for each in chosen])
    owners = _meeting(plan, target.level, footprints)
    if not owners:
        raise NotFound("these buildings stand in no grid of the draft", buildings=sorted(wanted))
    units = _units_of(bench, ground, owners, "buildings")
    area = ground_of(units, [each.external_id for each in chosen])
    edit = Transfer(
        area=rings_of(area),
        to=to,
        owners=tuple(grid.code for grid in owners if grid.code != to),
        units=tuple(sorted(wanted)),
        across=across,
    )
    return {"edit": write_edit(edit)}


def propose(workshop: Workshop, draft_id: int, choices: BalanceChoices) -> dict[str, Any]:
    """Propose edits that bring grids between a floor and a ceiling, each with its reason."""
    floor, ceiling = _limits(workshop, choices)
    with workshop.at_draft(draft_id) as bench:
        plan, ground, version = bench.plan(), bench.ground, bench.draft.version
    grids = choose_grids(plan, choices.codes, choices.parent)
    units = _units_of(bench, ground, grids, choices.grain)
    chosen = {grid.code for grid in grids}
    locked = {*choices.locked, *(bench.draft.locked & chosen)}
    proposal = propose_balance(
        units,
        floor=floor,
        ceiling=ceiling,
        locked=locked,
        across=choices.across,
        seed=choices.seed,
    )
    return tell_proposal(proposal, units) | {"version": version, "floor": floor, "ceiling": ceiling}


def propose_division(
    workshop: Workshop,
    draft_id: int,
    code: str,
    count: int,
    *,
    tolerance: float = 0.05,
    seed: int = 0,
    grain: Grain = "buildings",
) -> dict[str, Any]:
    """Propose the splits that divide one grid into areas of equal load, in their order."""
    with workshop.at_draft(draft_id) as bench:
        plan, ground, used = bench.plan(), bench.ground, bench.used()
    if plan.children(code):
        raise InputError(f"{plan[code].code} is divided already; name an area without any below")
    units = _units_of(bench, ground, [plan[code]], grain)
    labels = divide(units, count, tolerance=tolerance, seed=seed)
    loads = np.bincount(labels, weights=units.load, minlength=count)
    return {
        "version": bench.draft.version,
        "edits": [
            write_edit(edit) for edit in divide_to_edits(plan, code, units, labels, used=used)
        ],
        "loads": loads.tolist(),
        "seed": seed,
    }


def choose_grids(plan: Plan, codes: Collection[str], parent: str | None) -> list[Grid]:
    """Return the grids named, or those of the level ``grid`` below a parent.

    Raises
    ------
    InputError
        None is chosen, too many are, or they are of several levels.
    """
    grids = [plan[code] for code in dict.fromkeys(codes)]
    if parent is not None:
        above = plan[parent].code
        level = Level.GRID if plan.at(Level.GRID) else plan.levels[-1]
        below = [g for g in plan.at(level) if above in {a.code for a in plan.ancestors(g.code)}]
        grids += [grid for grid in below if grid not in grids]
    if not 2 <= len(grids) <= MOST_GRIDS:
        raise InputError(
            f"{len(grids)} grids are chosen; choose 2 to {MOST_GRIDS} with codes or parent"
        )
    if len({grid.level for grid in grids}) > 1:
        raise InputError("the chosen grids are of several levels; choose grids of one")
    return grids


def tell_proposal(proposal: Proposal, units: Units) -> dict[str, Any]:
    """Write a proposal as JSON can hold it; its moves are edits to be sent in their order."""
    return {
        "reached": proposal.reached,
        "moves": [
            {
                "edit": write_edit(edit),
                "from": move.giver,
                "to": move.taker,
                "households": move.households,
                "open_reports": move.open_reports,
                "load": move.load,
                "from_load": move.giver_load,
                "to_load": move.taker_load,
                "why": move.why,
                "sentence": move.sentence,
            }
            for move, edit in zip(proposal.moves, to_edits(proposal, units), strict=True)
        ],
        "unmet": [
            {"code": each.code, "load": each.load, "why": each.why, "sentence": each.sentence}
            for each in proposal.unmet
        ],
        "before": proposal.before,
        "after": proposal.after,
        "households": proposal.households,
        "open_reports": proposal.open_reports,
        "least_load": proposal.least_load,
        "seed": proposal.seed,
    }


def _units_of(
    bench: Bench, ground: Ground, grids: Sequence[Grid], grain: Literal["buildings", "blocks"]
) -> Units:
    bounds = shapely.total_bounds(np.array([grid.geometry for grid in grids])).tolist()
    streets = [
        feature.geometry for feature in ground.base.near(bounds) if feature.layer == BaseLayer.ROAD
    ]
    return make_units(
        grids,
        ground.buildings.near(bounds),
        streets,
        metric_srid=bench.series.metric_srid,
        grain=grain,
        work=ground.work,
        weights=bench.workshop.limits.load_weights,
    )


def _meeting(plan: Plan, level: Level, footprints: Any) -> list[Grid]:
    grids = plan.at(level)
    met = shapely.STRtree([grid.geometry for grid in grids]).query(footprints, "intersects")[1]
    return [grids[index] for index in np.unique(met).tolist()]


def _limits(workshop: Workshop, choices: BalanceChoices) -> tuple[float, float]:
    floor = workshop.limits.load_floor if choices.floor is None else choices.floor
    ceiling = workshop.limits.load_ceiling if choices.ceiling is None else choices.ceiling
    if floor is None or ceiling is None:
        raise InputError(
            "say between which floor and ceiling the load is to be; this installation sets none"
        )
    return floor, ceiling
