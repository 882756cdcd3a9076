"""What do the answers look like?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


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

    model_config = ConfigDict(from_attributes=True)

    distance_m: float = Field(description="Metres from the point to that border.", examples=[12.4])
    neighbour: str | None = Field(
        description="Code of the grid across the border; null at the outer limit of the plan."
    )
    on_border: bool = Field(
        description="True when the point lies exactly on the border; the lowest code then wins."
    )


class Point(BaseModel):
    """The point that was asked for, in EPSG:4490 degrees."""

    lon: float
    lat: float


class LocateAnswer(BaseModel):
    """Which grid covers the point, at every level from the widest to the narrowest."""

    status: Literal["inside", "outside"]
    grids: list[GridRef]
    revision: RevisionRef
    border: Border | None = Field(description="Null when the point is in no grid.")
    point: Point


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
    successors: list[Successor]
