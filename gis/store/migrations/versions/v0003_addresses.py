"""The address book of a series: its standard addresses, other names of places, and its version."""

from __future__ import annotations

from alembic import op

from gis.coords import STORAGE_SRID

revision = "0003"
down_revision = "0002"

ADDRESSES = f"""
CREATE TABLE address (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    text text NOT NULL,
    province text NOT NULL DEFAULT '',
    city text NOT NULL DEFAULT '',
    county text NOT NULL DEFAULT '',
    subdistrict text NOT NULL DEFAULT '',
    community text NOT NULL DEFAULT '',
    road text NOT NULL DEFAULT '',
    lane text NOT NULL DEFAULT '',
    number text NOT NULL DEFAULT '',
    estate text NOT NULL DEFAULT '',
    building text NOT NULL DEFAULT '',
    unit text NOT NULL DEFAULT '',
    floor text NOT NULL DEFAULT '',
    room text NOT NULL DEFAULT '',
    place text NOT NULL DEFAULT '',
    building_id text NOT NULL DEFAULT '',
    geom geometry(Point, {STORAGE_SRID}) NOT NULL,
    CONSTRAINT pk_address PRIMARY KEY (id),
    CONSTRAINT uq_address_series_id_external_id UNIQUE (series_id, external_id),
    CONSTRAINT fk_address_series_id FOREIGN KEY (series_id) REFERENCES series (id),
    CONSTRAINT ck_address_identity CHECK (external_id <> ''),
    CONSTRAINT ck_address_text CHECK (text <> '' AND length(text) <= 500),
    CONSTRAINT ck_address_place CHECK (NOT ST_IsEmpty(geom))
);
"""

# Two validities of one other name never overlap, as those of two revisions.
ALIASES = """
CREATE TABLE alias (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    part text NOT NULL,
    alias text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    valid daterange NOT NULL,
    CONSTRAINT pk_alias PRIMARY KEY (id),
    CONSTRAINT fk_alias_series_id FOREIGN KEY (series_id) REFERENCES series (id),
    CONSTRAINT ck_alias_part CHECK (part IN ('province', 'city', 'county', 'subdistrict',
        'community', 'road', 'estate', 'place')),
    CONSTRAINT ck_alias_names CHECK (alias <> '' AND name <> '' AND alias <> name),
    CONSTRAINT ck_alias_half_open CHECK (NOT isempty(valid)),
    CONSTRAINT ex_alias_one_at_a_time EXCLUDE USING gist (
        series_id WITH =, part WITH =, alias WITH =, name WITH =, valid WITH &&)
);
"""

VERSIONS = """
CREATE TABLE address_book (
    series_id bigint NOT NULL,
    version uuid NOT NULL DEFAULT gen_random_uuid(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_address_book PRIMARY KEY (series_id),
    CONSTRAINT fk_address_book_series_id FOREIGN KEY (series_id) REFERENCES series (id)
);
"""


def upgrade() -> None:
    """Add the address book to a database at 0002, whose rows stay as they are."""
    for statements in (ADDRESSES, ALIASES, VERSIONS):
        op.execute(statements)
