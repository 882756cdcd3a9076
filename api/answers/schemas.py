"""What do the answers look like?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


class GridRef(BaseModel):
    """A grid of the answer, at one level."""

    level: str = Field(examples=["grid"])
    code: str = Field(examples=["350402002003001"])
    name: str = Field(examples=["翁墩第一网格"])


class RevisionRef(BaseModel):
    """The revision of the boundaries that the answer was given on; null means without bound."""

    id: int = Field(examples=[7])
    effective_from: datetime | None = Field(
        description="First instant at which the revision is in force; null: since ever."
    )
    effective_to: datetime | None = Field(
        description="First instant at which it no longer is; null: until further notice."
    )


class Border(BaseModel):
    """The nearest border of the grid (of the finest level, where a plan has no level `grid`)."""

    distance_m: float = Field(
        description="Metres from the point to that border, right to a millimetre; when `status` is "
        "`near`, metres to the nearest grid.",
        examples=[12.4],
    )
    neighbour: str | None = Field(
        description="Code of the grid across the border; null at the outer limit of the plan."
    )
    on_border: bool = Field(
        description="True when the point lies exactly on the border; the lowest code then wins."
    )


class Point(BaseModel):
    """A point in EPSG:4490 degrees."""

    lon: float
    lat: float


class GridShare(GridRef):
    """A grid within the circle of doubt."""

    share: float = Field(description="Share of the circle's area.", examples=[0.62])


class AccuracyRef(BaseModel):
    """Where the point may be, if its position is right to `radius_m`; the shares add up to 1."""

    radius_m: float
    grids: list[GridShare] = Field(description="The largest share first.")
    outside: float = Field(description="Share of the circle that no grid covers.")


class ReasonRef(BaseModel):
    """What one part of the words did for the answer."""

    part: str = Field(examples=["estate"])
    verdict: str = Field(
        description="`matched`, `alias`, `typo`, `contradicted`, `missing`, `unchecked`, `ignored`."
    )
    given: str = Field(description="What the words say; empty if they do not.")
    standard: str = Field(description="What the address book has; empty if it does not.")
    note: str


class CandidateRef(BaseModel):
    """An address that the words may mean."""

    standard: str
    confidence: float
    point: Point
    grids: list[GridRef]
    reasons: list[ReasonRef]


class AddressRef(BaseModel):
    """How the words of an address were understood."""

    given: str
    standard: str | None = Field(description="The one address that is meant; null if none is.")
    confidence: float = Field(description="From 0 to 1.")
    provider: str = Field(description="Who knew it: `gazetteer`, `tianditu`, `amap`, `baidu`.")
    reasons: list[ReasonRef]
    candidates: list[CandidateRef] = Field(description="The best first, at most ten.")


class LocateAnswer(BaseModel):
    """Which grid covers the point, at every level from the widest to the narrowest."""

    status: Literal["inside", "near", "outside", "ambiguous", "unknown"] = Field(
        description="`near`: outside, but within `near_m`. `ambiguous` and `unknown`: an address "
        "that may mean several places, or that nobody knows."
    )
    grids: list[GridRef]
    revision: RevisionRef
    border: Border | None = Field(description="Null when there is no grid.")
    point: Point | None = Field(
        description="What was looked up, in EPSG:4490 degrees; null for an address without a place."
    )
    accuracy: AccuracyRef | None = Field(description="Null unless `accuracy_m` was given.")
    hint: str | None = Field(description="What may be wrong with the question.")
    address: AddressRef | None = Field(description="Null unless `address` was given.")


class LevelRef(BaseModel):
    """A level of the plan and how many grids it has."""

    level: str
    grids: int


class LevelsAnswer(BaseModel):
    """The levels of the plan in force, from the widest to the narrowest."""

    plan: str
    title: str
    levels: list[LevelRef]
    revision: RevisionRef


class Feature(BaseModel):
    """A GeoJSON feature (RFC 7946); longitude before latitude."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


class FeatureCollection(BaseModel):
    """A GeoJSON feature collection (RFC 7946)."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    features: list[dict[str, Any]]
    matched: int = Field(description="Grids that matched the request, before `limit`.")
    revision: RevisionRef


class Successor(GridRef):
    """A grid that has ground of a retired one."""

    area_share: float = Field(description="Share of the retired grid's area.", examples=[0.62])


class RetiredAnswer(BaseModel):
    """A code that is no longer in use, and who has its ground, most of it first."""

    code: str
    last: RevisionRef = Field(description="The last revision that had the code.")
    successors: list[Successor]
