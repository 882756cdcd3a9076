"""Which changes can a planner make, and how is each written down?

An edit is a value: everything needed to make the same change again on the same plan, as JSON. It
names grids by code and places by longitude and latitude (EPSG:4490, degrees). Codes for new grids
are issued when the edit is made for the first time and kept in it, so a replay issues the same.

Coordinates of drawn shapes are snapped to 1e-7° when they come in. Only a corner that must lie on
an existing border (where a drawn line meets it) is kept as the nearest double: rounded to 1e-7° it
would bend the border.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)

from gis import coords
from gis.plan.numbering import LONGEST_CODE

MOST_CORNERS = 50_000
"""Of a drawn line, of a whole drawn area, and of a run of corners that moves."""
LONGEST_NAME = 200
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _snap(place: tuple[float, float]) -> tuple[float, float]:
    lon, lat = coords.snap(place).tolist()
    return lon, lat


def _read_geojson(drawn: Any) -> Any:
    """Take the coordinates of a GeoJSON polygon or multipolygon; anything else stays as it is."""
    if not isinstance(drawn, dict) or "coordinates" not in drawn:
        return drawn
    coordinates = drawn["coordinates"]
    return [coordinates] if drawn.get("type") == "Polygon" else coordinates


def _count_corners(drawn: Any) -> Any:
    """Refuse a drawn area with too many corners before each of them is looked at."""
    parts = drawn if isinstance(drawn, list | tuple) else ()
    rings = [ring for part in parts if isinstance(part, list | tuple) for ring in part]
    if sum(len(ring) for ring in rings if isinstance(ring, list | tuple)) > MOST_CORNERS:
        raise ValueError(f"an area may be drawn with at most {MOST_CORNERS:,} corners")
    return drawn


def _require_readable(name: str) -> str:
    """Refuse a name that nobody sees, or with marks that turn or break the line around it."""
    kinds = {unicodedata.category(mark) for mark in name}
    if kinds & {"Cc", "Zl", "Zp"} or _TURNING.intersection(name) or kinds <= {"Cf", "Zs"}:
        raise ValueError("a name is one line of visible characters")
    return name


Degrees = Annotated[float, Field(allow_inf_nan=False)]
Longitude = Annotated[Degrees, Field(ge=-180, le=180)]
Latitude = Annotated[Degrees, Field(ge=-90, le=90)]
Corner = tuple[Longitude, Latitude]
"""A corner that exists already: exactly as stored."""
DrawnCorner = Annotated[Corner, AfterValidator(_snap)]
DrawnLine = Annotated[tuple[DrawnCorner, ...], Field(min_length=2, max_length=MOST_CORNERS)]
DrawnRing = Annotated[tuple[DrawnCorner, ...], Field(min_length=4, max_length=MOST_CORNERS)]
DrawnPolygon = Annotated[tuple[DrawnRing, ...], Field(min_length=1, max_length=1000)]
DrawnArea = Annotated[
    tuple[DrawnPolygon, ...],
    Field(min_length=1, max_length=1000),
    BeforeValidator(_count_corners),
    BeforeValidator(_read_geojson),
]
"""Coordinates of a GeoJSON MultiPolygon; the GeoJSON object itself is read as well."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_NAME, strip_whitespace=True),
    AfterValidator(_require_readable),
]


class _Edit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Split(_Edit):
    """Cut an area along a line; every part becomes an area of its own.

    The largest part keeps the code, and so do the parts of a multi-part area that the line does
    not touch; the others get new codes in reading order. Areas below are cut with it.
    """

    kind: Literal["split"] = "split"
    code: Code
    line: DrawnLine
    issued: dict[str, tuple[Code, ...]] = Field(
        default_factory=dict, description="New codes for each area that was cut, issued here."
    )


class Merge(_Edit):
    """Make one area of several that touch."""

    kind: Literal["merge"] = "merge"
    codes: Annotated[tuple[Code, ...], Field(min_length=2, max_length=1000)]
    into: Code | None = Field(None, description="Which code stays; the lowest when left out.")
    across: bool = Field(False, description="Areas of different parents may be merged.")


class Transfer(_Edit):
    """Cut the ground of a drawn area out of its owners and give it to a neighbour.

    ``units`` names the buildings or blocks for whose sake the ground was chosen.
    """

    kind: Literal["transfer"] = "transfer"
    area: DrawnArea
    to: Code
    owners: tuple[Code, ...] = Field((), description="Only from these; from all when left out.")
    units: tuple[str, ...] = ()
    across: bool = Field(False, description="Borders of the levels above may move with it.")
    issued: dict[str, tuple[Code, ...]] = Field(default_factory=dict)


class MovedPath(_Edit):
    """A run of existing border corners and what stands in its place."""

    old: Annotated[tuple[Corner, ...], Field(min_length=2, max_length=MOST_CORNERS)]
    new: Annotated[tuple[Corner, ...], Field(min_length=2, max_length=MOST_CORNERS)]


class Reshape(_Edit):
    """Move, add or remove corners of shared borders; all areas that have them follow.

    Each path replaces a run of corners wherever it occurs, in either direction, at every level. A
    corner where several borders meet is moved by one path for each border that ends there.
    """

    kind: Literal["reshape"] = "reshape"
    paths: Annotated[tuple[MovedPath, ...], Field(min_length=1, max_length=10_000)]
    across: bool = Field(False, description="Borders of the levels above may move with it.")
    outer: bool = Field(False, description="The outer limit of the plan may move with it.")


class SetOuterLimit(_Edit):
    """Draw a new outer limit.

    Ground that falls outside is cut off; ground that comes in goes to the lowest-level neighbour
    with the longest common border.
    """

    kind: Literal["set_outer_limit"] = "set_outer_limit"
    area: DrawnArea


class Rename(_Edit):
    """Give an area another name."""

    kind: Literal["rename"] = "rename"
    code: Code
    name: Name


class Renumber(_Edit):
    """Give areas new codes: those named, or all children of a parent by the rule."""

    kind: Literal["renumber"] = "renumber"
    parent: Code | None = None
    codes: dict[Code, Code] = Field(
        default_factory=dict, description="Old → new; issued by rule for `parent` when empty."
    )


class ChangeParent(_Edit):
    """Hang an area under another parent; the borders of the levels above follow."""

    kind: Literal["change_parent"] = "change_parent"
    code: Code
    parent: Code


Edit = Annotated[
    Split | Merge | Transfer | Reshape | SetOuterLimit | Rename | Renumber | ChangeParent,
    Field(discriminator="kind"),
]
"""Any of the above, told apart by ``kind``."""

_ANY_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)


def read_edit(data: Any) -> Edit:
    """Read an edit from what :func:`write_edit` returned.

    Raises
    ------
    pydantic.ValidationError
        The data is not an edit.

    Examples
    --------
    >>> read_edit({"kind": "rename", "code": "a", "name": "北"})
    Rename(kind='rename', code='a', name='北')
    """
    return _ANY_EDIT.validate_python(data)


def write_edit(edit: Edit) -> dict[str, Any]:
    """Return an edit as a value that JSON can hold, without loss."""
    written: dict[str, Any] = _ANY_EDIT.dump_python(edit, mode="json")
    return written
