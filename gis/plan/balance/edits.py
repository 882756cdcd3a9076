"""Which edits on a draft make a proposal true?"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gis.plan.balance.explain import Proposal
from gis.plan.chains import Area
from gis.plan.edits import Transfer
from gis.plan.units import Units, find_units, unite


def to_edits(proposal: Proposal, units: Units) -> list[Transfer]:
    """Return one transfer for every move, in the order of the proposal.

    Parameters
    ----------
    proposal
        From :func:`gis.plan.balance.propose.propose_balance`.
    units
        The units for which it was made.
    """
    parent = dict(zip(units.grids, units.parents, strict=True))
    return [
        transfer_units(
            units,
            move.units,
            move.giver,
            move.taker,
            across=parent[move.giver] != parent[move.taker],
        )
        for move in proposal.moves
    ]


def transfer_units(
    units: Units, chosen: tuple[str, ...], giver: str, taker: str, *, across: bool = False
) -> Transfer:
    """Return the transfer of chosen units with their ground from one grid to another."""
    places = find_units(units, chosen)
    held = [name for i in places for name in units.members[i] or (units.ids[i],)]
    return Transfer(
        area=rings_of(unite(units.ground[np.asarray(places)])),
        to=taker,
        owners=(giver,),
        units=tuple(held),
        across=across,
    )


def rings_of(area: Area) -> Any:
    """Return the coordinates of an area as a GeoJSON MultiPolygon has them."""
    return tuple(
        tuple(tuple(ring.coords) for ring in (part.exterior, *part.interiors))
        for part in shapely.get_parts(area)
    )
