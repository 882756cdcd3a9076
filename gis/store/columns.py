"""Which columns do many tables have alike, and how are constraints named?"""

from __future__ import annotations

from datetime import datetime

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    MetaData,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

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
BYTEWISE = Text(collation="C")
CODES = ARRAY(BYTEWISE)
IS_AREA = "ST_GeometryType(geom) IN ('ST_Polygon', 'ST_MultiPolygon')"


def moment_column(name: str = "created_at", *, clock: bool = True) -> Column[datetime]:
    """Return a column of moments, by default the clock's (``clock``) or the transaction's."""
    at = func.clock_timestamp() if clock else func.now()
    return Column(name, DateTime(timezone=True), nullable=False, server_default=at)


def id_column() -> Column[int]:
    """Return the primary key that the database counts up."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def text_column(name: str) -> Column[str]:
    """Return a column of texts that may be empty and never NULL."""
    return Column(name, Text, nullable=False, server_default="")


def series_column() -> Column[int]:
    """Return the column that says to which series a row belongs."""
    return Column("series_id", ForeignKey("series.id"), nullable=False)


def draft_column() -> Column[int]:
    """Return the column that says to which draft a row belongs."""
    return Column("draft_id", ForeignKey("draft.id"), nullable=False)


def geometry_column(kind: str, *, nullable: bool = False) -> Column[object]:
    """Return the column of shapes in the storage CRS; its index is declared apart."""
    shape = Geometry(kind, srid=STORAGE_SRID, spatial_index=False, nullable=nullable)
    return Column("geom", shape, nullable=nullable)
