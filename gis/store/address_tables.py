"""Which tables hold the address book of a series?"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import DATERANGE, ExcludeConstraint

from gis.store.columns import (
    BYTEWISE,
    geometry_column,
    id_column,
    metadata,
    moment_column,
    series_column,
    text_column,
)

ADDRESS_PARTS = (
    *("province", "city", "county", "subdistrict", "community", "road", "lane", "number"),
    *("estate", "building", "unit", "floor", "room", "place"),
)

address = Table(
    "address",
    metadata,
    id_column(),
    series_column(),
    Column("external_id", BYTEWISE, nullable=False),
    Column("text", Text, nullable=False),
    *(text_column(part) for part in ADDRESS_PARTS),
    text_column("building_id"),
    geometry_column("POINT"),
    UniqueConstraint("series_id", "external_id"),
    CheckConstraint("external_id <> ''", name="identity"),
    CheckConstraint("text <> '' AND length(text) <= 500", name="text"),
    CheckConstraint("NOT ST_IsEmpty(geom)", name="place"),
)

alias = Table(
    "alias",
    metadata,
    id_column(),
    series_column(),
    Column("part", Text, nullable=False),
    Column("alias", BYTEWISE, nullable=False),
    Column("name", BYTEWISE, nullable=False),
    Column("valid", DATERANGE, nullable=False),
    CheckConstraint(
        "part IN ('province', 'city', 'county', 'subdistrict', 'community', 'road', 'estate',"
        " 'place')",
        name="part",
    ),
    CheckConstraint("alias <> '' AND name <> '' AND alias <> name", name="names"),
    CheckConstraint("NOT isempty(valid)", name="half_open"),
    ExcludeConstraint(
        ("series_id", "="),
        ("part", "="),
        ("alias", "="),
        ("name", "="),
        ("valid", "&&"),
        using="gist",
        name="ex_alias_one_at_a_time",
    ),
)

# The version of the addresses and other names of a series: a new one with every change.
address_book = Table(
    "address_book",
    metadata,
    Column("series_id", ForeignKey("series.id"), primary_key=True),
    Column("version", Uuid, nullable=False, server_default=func.gen_random_uuid()),
    moment_column("changed_at", clock=False),
)
