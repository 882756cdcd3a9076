"""First tables: series, revisions, grids, reports, cameras, the base map and the audit."""

from __future__ import annotations

from alembic import op

from gis.coords import STORAGE_SRID

revision = "0001"
down_revision = None

EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
"""

PLANS = f"""
CREATE TABLE series (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text COLLATE "C" NOT NULL,
    title text NOT NULL DEFAULT '',
    metric_srid integer NOT NULL,
    time_zone text NOT NULL,
    CONSTRAINT pk_series PRIMARY KEY (id),
    CONSTRAINT uq_series_name UNIQUE (name),
    CONSTRAINT ck_series_name CHECK (name <> '')
);

CREATE TABLE revision (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    valid tstzrange,
    fingerprint text NOT NULL,
    note text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT '',
    CONSTRAINT pk_revision PRIMARY KEY (id),
    CONSTRAINT fk_revision_series_id FOREIGN KEY (series_id) REFERENCES series (id),
    CONSTRAINT ck_revision_half_open CHECK (
        NOT isempty(valid) AND (lower_inf(valid) OR lower_inc(valid)) AND NOT upper_inc(valid)),
    CONSTRAINT ex_revision_one_in_force EXCLUDE USING gist (series_id WITH =, valid WITH &&)
);
CREATE UNIQUE INDEX uq_revision_one_staged ON revision (series_id) WHERE valid IS NULL;

CREATE TABLE grid (
    id bigint GENERATED ALWAYS AS IDENTITY,
    revision_id bigint NOT NULL,
    level text NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL DEFAULT '',
    parent_code text COLLATE "C",
    geom geometry(Geometry, {STORAGE_SRID}) NOT NULL,
    CONSTRAINT pk_grid PRIMARY KEY (id),
    CONSTRAINT uq_grid_revision_id_code UNIQUE (revision_id, code),
    CONSTRAINT fk_grid_revision_id
        FOREIGN KEY (revision_id) REFERENCES revision (id) ON DELETE CASCADE,
    CONSTRAINT fk_grid_revision_id_parent_code
        FOREIGN KEY (revision_id, parent_code) REFERENCES grid (revision_id, code),
    CONSTRAINT ck_grid_area CHECK (ST_GeometryType(geom) IN ('ST_Polygon', 'ST_MultiPolygon')),
    CONSTRAINT ck_grid_level CHECK (
        level IN ('district', 'subdistrict', 'community', 'grid', 'subgrid'))
);
CREATE INDEX ix_grid_revision_id_parent_code ON grid (revision_id, parent_code);
CREATE INDEX ix_grid_geom ON grid USING gist (geom);
"""

MATTERS = f"""
CREATE TABLE report (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    source text COLLATE "C" NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    grid_id bigint,
    kind text NOT NULL,
    category text NOT NULL DEFAULT '',
    status text NOT NULL,
    position text NOT NULL,
    title text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    geom geometry(Point, {STORAGE_SRID}),
    CONSTRAINT pk_report PRIMARY KEY (id),
    CONSTRAINT uq_report_series_id_source_external_id UNIQUE (series_id, source, external_id),
    CONSTRAINT ck_report_position CHECK (CASE position
        WHEN 'located' THEN grid_id IS NOT NULL AND geom IS NOT NULL
        WHEN 'outside' THEN grid_id IS NULL AND geom IS NOT NULL
        WHEN 'unlocated' THEN grid_id IS NULL AND geom IS NULL
        ELSE false END)
);
CREATE INDEX ix_report_occurred_at ON report USING brin (occurred_at) WITH (autosummarize = on);
CREATE INDEX ix_report_grid_id ON report (grid_id);

CREATE TABLE camera (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    name text NOT NULL DEFAULT '',
    geom geometry(Point, {STORAGE_SRID}) NOT NULL,
    heading_deg double precision,
    angle_deg double precision NOT NULL,
    range_m double precision NOT NULL,
    CONSTRAINT pk_camera PRIMARY KEY (id),
    CONSTRAINT uq_camera_series_id_external_id UNIQUE (series_id, external_id),
    CONSTRAINT fk_camera_series_id FOREIGN KEY (series_id) REFERENCES series (id)
);

CREATE TABLE building (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    geom geometry(Geometry, {STORAGE_SRID}) NOT NULL,
    height_m double precision,
    households integer NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    CONSTRAINT pk_building PRIMARY KEY (id),
    CONSTRAINT uq_building_series_id_external_id UNIQUE (series_id, external_id),
    CONSTRAINT fk_building_series_id FOREIGN KEY (series_id) REFERENCES series (id),
    CONSTRAINT ck_building_area CHECK (
        ST_GeometryType(geom) IN ('ST_Polygon', 'ST_MultiPolygon')),
    CONSTRAINT ck_building_households CHECK (households >= 0)
);

CREATE TABLE base_feature (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    external_id text COLLATE "C" NOT NULL,
    layer text NOT NULL,
    name text NOT NULL DEFAULT '',
    geom geometry(Geometry, {STORAGE_SRID}) NOT NULL,
    rank smallint NOT NULL DEFAULT 0,
    key boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_base_feature PRIMARY KEY (id),
    CONSTRAINT uq_base_feature_series_id_external_id UNIQUE (series_id, external_id),
    CONSTRAINT fk_base_feature_series_id FOREIGN KEY (series_id) REFERENCES series (id),
    CONSTRAINT ck_base_feature_layer CHECK (
        layer IN ('water', 'green', 'rail', 'road', 'place'))
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{{}}'::jsonb,
    CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_at ON audit (at);
"""

# SQLSTATE WG001 is what gis.store.sessions reads as "history does not change".
HISTORY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: its rows are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'WG001';
END $$;

CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER series_never_removed BEFORE DELETE OR TRUNCATE ON series
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER revision_never_emptied BEFORE TRUNCATE ON revision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER grid_never_emptied BEFORE TRUNCATE ON grid
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_published_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closed revision;
BEGIN
    IF OLD.valid IS NULL THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'UPDATE' AND upper_inf(OLD.valid) AND NOT upper_inf(NEW.valid) THEN
        closed := OLD;
        closed.valid := tstzrange(lower(OLD.valid), upper(NEW.valid));
        IF NEW IS NOT DISTINCT FROM closed THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'revision % is published and never changes; publish a new one', OLD.id
        USING ERRCODE = 'WG001';
END $$;
CREATE TRIGGER revision_immutable BEFORE UPDATE OR DELETE ON revision
    FOR EACH ROW EXECUTE FUNCTION keep_published_revision();

CREATE FUNCTION keep_published_grid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM revision
               WHERE id IN (OLD.revision_id, NEW.revision_id) AND valid IS NOT NULL) THEN
        RAISE EXCEPTION 'grid % belongs to a published revision and never changes',
            coalesce(OLD.code, NEW.code) USING ERRCODE = 'WG001';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER grid_immutable BEFORE INSERT OR UPDATE OR DELETE ON grid
    FOR EACH ROW EXECUTE FUNCTION keep_published_grid();
"""

# Stands for foreign keys to series and grid, which cost 9 s of 20 s in an import of a million
# reports: series and published grids are never removed, so looking once at each pair is enough.
PLACES = """
CREATE FUNCTION check_report_grids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT series_id, grid_id FROM fresh) AS pair
        WHERE NOT EXISTS (SELECT FROM series WHERE series.id = pair.series_id)
           OR pair.grid_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM grid JOIN revision ON revision.id = grid.revision_id
                WHERE grid.id = pair.grid_id AND revision.series_id = pair.series_id
                  AND revision.valid IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'a report names a grid that is in no published revision of its series'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER report_inserted_in_grids AFTER INSERT ON report REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_report_grids();
CREATE TRIGGER report_updated_in_grids AFTER UPDATE ON report REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_report_grids();
"""


def upgrade() -> None:
    """Make everything in an empty database."""
    for statements in (EXTENSIONS, PLANS, MATTERS, HISTORY, PLACES):
        op.execute(statements)
