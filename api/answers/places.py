"""How is the answer to a lookup written?

As bytes, from pieces that are written once: a plan has few grids and many questions. What is kept
belongs to one index of one revision, and goes with it.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii as quote
from typing import Any

from fastapi import Response

from api.answers.schemas import RevisionRef
from gis.locate import Accuracy, GridHit, GridMatch, PlanIndex, RevisionInfo

MOST_KEPT = 50_000
DISTANCE_DECIMALS = 3
SHARE_DECIMALS = 6

_END = b',"accuracy":null,"hint":null,"address":null}'


class _Pieces:
    """What is written already for one index: the beginning of the answer by positions."""

    def __init__(self, index: PlanIndex) -> None:
        self.revision = _write_revision(index.revision)
        self._beginnings: dict[tuple[int, ...], bytes] = {}

    def find_beginning(self, index: PlanIndex, positions: tuple[int, ...]) -> bytes:
        known = self._beginnings.get(positions)
        if known is None:
            if len(self._beginnings) >= MOST_KEPT:
                self._beginnings = {}
            grids = _dump([name_grid(hit) for hit in index.hits(positions)])
            known = f'{{"status":"inside","grids":{grids},"revision":{self.revision},'.encode()
            self._beginnings[positions] = known
        return known


def answer_inside(
    index: PlanIndex, positions: tuple[int, ...], *, lon: float, lat: float
) -> Response:
    """Answer for a point that grids cover; the quick way, in the form of ``write_answer``.

    Parameters
    ----------
    positions
        One for each level of the index, at least one of them not -1.
    lon, lat
        EPSG:4490 degrees.
    """
    pieces = index.prepared.get(_Pieces)
    if pieces is None:
        pieces = index.prepared[_Pieces] = _Pieces(index)
    border = _write_border(index.measure_border(positions, lon, lat))
    rest = f'"border":{border},"point":{{"lon":{lon!r},"lat":{lat!r}}}'.encode()
    body = pieces.find_beginning(index, positions) + rest + _END
    return Response(body, media_type="application/json")


def answer_match(
    match: GridMatch,
    *,
    lon: float | None,
    lat: float | None,
    status: str | None = None,
    hint: str | None = None,
    address: dict[str, Any] | None = None,
) -> Response:
    """Answer with everything that may be known about a point or an address.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees; None for an address without a place.
    status
        That of ``match`` if not given.
    address
        In the form of :class:`~api.answers.schemas.AddressRef`.
    """
    point = None if lon is None else {"lon": lon, "lat": lat}
    hit = match.border
    border = None if hit is None else (hit.distance_m, hit.neighbour, hit.on_border)
    body = (
        f'{{"status":"{status or match.status}",'
        f'"grids":{_dump([name_grid(hit) for hit in match.grids])},'
        f'"revision":{_write_revision(match.revision)},'
        f'"border":{_write_border(border)},"point":{_dump(point)},'
        f'"accuracy":{_dump(_name_accuracy(match.accuracy))},'
        f'"hint":{_dump(hint)},"address":{_dump(address)}}}'
    )
    return Response(body.encode(), media_type="application/json")


def name_grid(hit: GridHit) -> dict[str, str]:
    """Return a grid in the form of :class:`~api.answers.schemas.GridRef`."""
    return {"level": hit.level, "code": hit.code, "name": hit.name}


def _name_accuracy(accuracy: Accuracy | None) -> dict[str, Any] | None:
    if accuracy is None:
        return None
    grids = [
        {
            "level": each.level,
            "code": each.code,
            "name": each.name,
            "share": round(each.share, SHARE_DECIMALS),
        }
        for each in accuracy.grids
    ]
    outside = round(accuracy.outside, SHARE_DECIMALS)
    return {"radius_m": accuracy.radius_m, "grids": grids, "outside": outside}


def _write_border(border: tuple[float, str | None, bool] | None) -> str:
    if border is None:
        return "null"
    distance_m, code, on_border = border
    neighbour = "null" if code is None else quote(code)
    distance_m = round(distance_m, DISTANCE_DECIMALS)
    touching = "true" if on_border else "false"
    return f'{{"distance_m":{distance_m!r},"neighbour":{neighbour},"on_border":{touching}}}'


def _write_revision(revision: RevisionInfo) -> str:
    return RevisionRef(
        id=revision.id,
        effective_from=revision.effective_from,
        effective_to=revision.effective_to,
    ).model_dump_json()


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
