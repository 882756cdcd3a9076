"""Which tables are there?

The rules that no program may break are kept by the database itself, by constraints here and by
triggers in the migrations: two revisions of a series are never in force at once, a published
revision and its grids never change, and the audit only grows.

Identities are compared byte by byte (collation ``C``), as Python compares text, so that "the
lowest code" is the same grid on both sides.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from gis.coords import STORAGE_SRID

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
_BYTEWISE = Text(collation="C")
_IS_AREA = "ST_GeometryType(geom) IN ('ST_Polygon', 'ST_MultiPolygon')"


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _series() -> Column[int]:
    return Column("series_id", ForeignKey("series.id"), nullable=False)


def _geometry(kind: str, *, nullable: bool = False) -> Column[object]:
    shape = Geometry(kind, srid=STORAGE_SRID, spatial_index=False, nullable=nullable)
    return Column("geom", shape, nullable=nullable)


series = Table(
    "series",
    metadata,
    _id(),
    Column("name", _BYTEWISE, nullable=False, unique=True),
    _text("title"),
    Column("metric_srid", Integer, nullable=False),
    Column("time_zone", Text, nullable=False),
    CheckConstraint("name <> ''", name="name"),
)

revision = Table(
    "revision",
    metadata,
    _id(),
    _series(),
    Column("valid", TSTZRANGE),  # NULL while it is staged
    Column("fingerprint", Text, nullable=False),
    _text("note"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _text("created_by"),
    CheckConstraint(
        "NOT isempty(valid) AND (lower_inf(valid) OR lower_inc(valid)) AND NOT upper_inc(valid)",
        name="half_open",
    ),
    ExcludeConstraint(
        ("series_id", "="), ("valid", "&&"), using="gist", name="ex_revision_one_in_force"
    ),
)
Index(
    "uq_revision_one_staged",
    revision.c.series_id,
    unique=True,
    postgresql_where=text("valid IS NULL"),
)

grid = Table(
    "grid",
    metadata,
    _id(),
    Column("revision_id", ForeignKey("revision.id", ondelete="CASCADE"), nullable=False),
    Column("level", Text, nullable=False),
    Column("code", _BYTEWISE, nullable=False),
    _text("name"),
    Column("parent_code", _BYTEWISE),
    _geometry("GEOMETRY"),
    UniqueConstraint("revision_id", "code"),
    ForeignKeyConstraint(["revision_id", "parent_code"], ["grid.revision_id", "grid.code"]),
    CheckConstraint(_IS_AREA, name="area"),
    CheckConstraint(
        "level IN ('district', 'subdistrict', 'community', 'grid', 'subgrid')", name="level"
    ),
    # Without it, removing a plan looks at all grids for the children of each grid.
    Index("ix_grid_revision_id_parent_code", "revision_id", "parent_code"),
)
Index("ix_grid_geom", grid.c.geom, postgresql_using="gist")

# Its series and grid are checked by a trigger once a statement, since foreign keys are checked once
# a row. The index over time is a BRIN, whose cost is nothing next to that of a B-tree.
report = Table(
    "report",
    metadata,
    _id(),
    Column("series_id", BigInteger, nullable=False),
    Column("source", _BYTEWISE, nullable=False),
    Column("external_id", _BYTEWISE, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("grid_id", BigInteger),
    Column("kind", Text, nullable=False),
    _text("category"),
    Column("status", Text, nullable=False),
    Column("position", Text, nullable=False),
    _text("title"),
    _text("address"),
    _geometry("POINT", nullable=True),
    UniqueConstraint("series_id", "source", "external_id"),
    CheckConstraint(
        "CASE position WHEN 'located' THEN grid_id IS NOT NULL AND geom IS NOT NULL"
        " WHEN 'outside' THEN grid_id IS NULL AND geom IS NOT NULL"
        " WHEN 'unlocated' THEN grid_id IS NULL AND geom IS NULL ELSE false END",
        name="position",
    ),
    Index(
        "ix_report_occurred_at",
        "occurred_at",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    ),
    Index("ix_report_grid_id", "grid_id"),
)

camera = Table(
    "camera",
    metadata,
    _id(),
    _series(),
    Column("external_id", _BYTEWISE, nullable=False),
    _text("name"),
    _geometry("POINT"),
    Column("heading_deg", Double),
    Column("angle_deg", Double, nullable=False),
    Column("range_m", Double, nullable=False),
    UniqueConstraint("series_id", "external_id"),
)

building = Table(
    "building",
    metadata,
    _id(),
    _series(),
    Column("external_id", _BYTEWISE, nullable=False),
    _geometry("GEOMETRY"),
    Column("height_m", Double),
    Column("households", Integer, nullable=False, server_default="0"),
    _text("name"),
    _text("address"),
    UniqueConstraint("series_id", "external_id"),
    CheckConstraint(_IS_AREA, name="area"),
    CheckConstraint("households >= 0", name="households"),
)

base_feature = Table(
    "base_feature",
    metadata,
    _id(),
    _series(),
    Column("external_id", _BYTEWISE, nullable=False),
    Column("layer", Text, nullable=False),
    _text("name"),
    _geometry("GEOMETRY"),
    Column("rank", SmallInteger, nullable=False, server_default="0"),
    Column("key", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("series_id", "external_id"),
    CheckConstraint("layer IN ('water', 'green', 'rail', 'road', 'place')", name="layer"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    _text("subject"),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("ix_audit_at", "at"),
)
