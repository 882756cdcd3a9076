"""Which tables are there?

The rules that no program may break are kept by the database itself, by constraints here and by
triggers in the migrations: two revisions of a series are never in force at once, a published
revision and its grids never change (until its date comes, it may be cancelled), the log of a draft
keeps every edit, and the audit only grows.

Identities are compared byte by byte (collation ``C``), as Python compares text, so that "the
lowest code" is the same grid on both sides.
"""

from __future__ import annotations

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
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from gis.store import address_tables  # noqa: F401 (metadata has all tables)
from gis.store.columns import (
    BYTEWISE,
    CODES,
    IS_AREA,
    draft_column,
    geometry_column,
    id_column,
    metadata,
    moment_column,
    series_column,
    text_column,
)

series = Table(
    "series",
    metadata,
    id_column(),
    Column("name", BYTEWISE, nullable=False, unique=True),
    text_column("title"),
    Column("metric_srid", Integer, nullable=False),
    Column("time_zone", Text, nullable=False),
    CheckConstraint("name <> ''", name="name"),
)

revision = Table(
    "revision",
    metadata,
    id_column(),
    series_column(),
    Column("valid", TSTZRANGE),  # NULL while it is staged
    Column("fingerprint", Text, nullable=False),
    text_column("note"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    text_column("created_by"),
    Column("origin", Text, nullable=False, server_default="import"),
    Column("draft_id", ForeignKey("draft.id", use_alter=True), unique=True),
    Column("restored_id", ForeignKey("revision.id")),
    Column("routed_at", DateTime(timezone=True)),  # NULL until open reports were handed over
    CheckConstraint(
        "CASE origin WHEN 'import' THEN draft_id IS NULL AND restored_id IS NULL"
        " WHEN 'draft' THEN draft_id IS NOT NULL AND restored_id IS NULL"
        " WHEN 'rollback' THEN draft_id IS NULL AND restored_id IS NOT NULL ELSE false END",
        name="origin",
    ),
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
    postgresql_where=text("valid IS NULL AND origin = 'import'"),
)

grid = Table(
    "grid",
    metadata,
    id_column(),
    Column("revision_id", ForeignKey("revision.id", ondelete="CASCADE"), nullable=False),
    Column("level", Text, nullable=False),
    Column("code", BYTEWISE, nullable=False),
    text_column("name"),
    Column("parent_code", BYTEWISE),
    geometry_column("GEOMETRY"),
    UniqueConstraint("revision_id", "code"),
    ForeignKeyConstraint(["revision_id", "parent_code"], ["grid.revision_id", "grid.code"]),
    CheckConstraint(IS_AREA, name="area"),
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
    id_column(),
    Column("series_id", BigInteger, nullable=False),
    Column("source", BYTEWISE, nullable=False),
    Column("external_id", BYTEWISE, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("grid_id", BigInteger),
    Column("kind", Text, nullable=False),
    text_column("category"),
    Column("status", Text, nullable=False),
    Column("position", Text, nullable=False),
    text_column("title"),
    text_column("address"),
    geometry_column("POINT", nullable=True),
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
Index(
    "ix_report_open",
    report.c.series_id,
    report.c.id,
    postgresql_where=report.c.status == text("'open'"),
)

camera = Table(
    "camera",
    metadata,
    id_column(),
    series_column(),
    Column("external_id", BYTEWISE, nullable=False),
    text_column("name"),
    geometry_column("POINT"),
    Column("heading_deg", Double),
    Column("angle_deg", Double, nullable=False),
    Column("range_m", Double, nullable=False),
    UniqueConstraint("series_id", "external_id"),
)

building = Table(
    "building",
    metadata,
    id_column(),
    series_column(),
    Column("external_id", BYTEWISE, nullable=False),
    geometry_column("GEOMETRY"),
    Column("height_m", Double),
    Column("households", Integer, nullable=False, server_default="0"),
    text_column("name"),
    text_column("address"),
    UniqueConstraint("series_id", "external_id"),
    CheckConstraint(IS_AREA, name="area"),
    CheckConstraint("households >= 0", name="households"),
)

base_feature = Table(
    "base_feature",
    metadata,
    id_column(),
    series_column(),
    Column("external_id", BYTEWISE, nullable=False),
    Column("layer", Text, nullable=False),
    text_column("name"),
    geometry_column("GEOMETRY"),
    Column("rank", SmallInteger, nullable=False, server_default="0"),
    Column("key", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("series_id", "external_id"),
    CheckConstraint("layer IN ('water', 'green', 'rail', 'road', 'place')", name="layer"),
)

audit = Table(
    "audit",
    metadata,
    id_column(),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    text_column("subject"),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("ix_audit_at", "at"),
)

# A published draft is ``scheduled``; whether its date has come is asked of its revision.
draft = Table(
    "draft",
    metadata,
    id_column(),
    series_column(),
    Column("base_revision_id", ForeignKey("revision.id", ondelete="SET NULL")),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="open"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("locked", CODES, nullable=False, server_default=text("'{}'::text[]")),
    Column("created_by", Text, nullable=False),
    moment_column(),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("created_by <> ''", name="creator"),
    CheckConstraint(
        "status IN ('open', 'submitted', 'approved', 'scheduled', 'cancelled')", name="status"
    ),
    CheckConstraint("base_revision_id IS NOT NULL OR status = 'cancelled'", name="base"),
    Index("ix_draft_series_id", "series_id"),
    Index("ix_draft_base_revision_id", "base_revision_id"),
)

draft_edit = Table(
    "draft_edit",
    metadata,
    id_column(),
    draft_column(),
    Column("number", Integer, nullable=False),
    Column("edit", JSONB, nullable=False),
    Column("changed", CODES, nullable=False),
    Column("state", Text, nullable=False, server_default="applied"),
    text_column("summary"),
    Column("actor", Text, nullable=False),
    moment_column("at"),
    UniqueConstraint("draft_id", "number"),
    CheckConstraint("state IN ('applied', 'undone', 'dropped')", name="state"),
)

draft_event = Table(
    "draft_event",
    metadata,
    id_column(),
    draft_column(),
    Column("version", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("entry_id", ForeignKey("draft_edit.id")),
    Column("changed", CODES, nullable=False, server_default=text("'{}'::text[]")),
    text_column("summary"),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("actor", Text, nullable=False),
    moment_column("at"),
    UniqueConstraint("draft_id", "version"),
    CheckConstraint("actor <> ''", name="actor"),
)

draft_version = Table(
    "draft_version",
    metadata,
    id_column(),
    draft_column(),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    moment_column(),
    UniqueConstraint("draft_id", "name"),
    CheckConstraint("name <> ''", name="name"),
)

submission = Table(
    "submission",
    metadata,
    id_column(),
    draft_column(),
    Column("version", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("exemptions", JSONB, nullable=False),
    text_column("note"),
    Column("submitted_by", Text, nullable=False),
    moment_column("submitted_at"),
    Column("decision", Text),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    text_column("comment"),
    CheckConstraint(
        "decision IN ('approved', 'rejected', 'withdrawn', 'cancelled')", name="decision"
    ),
    CheckConstraint(
        "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)",
        name="decided",
    ),
    CheckConstraint("submitted_by <> '' AND decided_by <> ''", name="person"),
    CheckConstraint(
        "decision <> 'approved' OR lower(decided_by) <> lower(submitted_by)", name="second_person"
    ),
    Index("ix_submission_draft_id", "draft_id"),
)

lineage = Table(
    "lineage",
    metadata,
    id_column(),
    Column("revision_id", ForeignKey("revision.id", ondelete="CASCADE"), nullable=False),
    Column("level", Text, nullable=False),
    Column("from_code", BYTEWISE),
    Column("to_code", BYTEWISE),
    Column("kind", Text, nullable=False),
    Column("area_share_from", Double, nullable=False),
    Column("area_share_to", Double, nullable=False),
    Column("households_share_from", Double),
    Column("households_share_to", Double),
    Column("buildings_share_from", Double),
    Column("buildings_share_to", Double),
    CheckConstraint(
        "kind IN ('same', 'renamed', 'moved', 'split', 'merged', 'new', 'retired')", name="kind"
    ),
    CheckConstraint("from_code IS NOT NULL OR to_code IS NOT NULL", name="code"),
    Index("ix_lineage_revision_id_from_code", "revision_id", "from_code"),
)

# Its report, revision and grid are checked by a trigger once a statement, like those of reports.
report_route = Table(
    "report_route",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("report_id", BigInteger, nullable=False),
    Column("revision_id", BigInteger, nullable=False),
    Column("from_grid_id", BigInteger),
    Column("grid_id", BigInteger),  # NULL: no grid covers it any more
    moment_column("routed_at", clock=False),
    PrimaryKeyConstraint("report_id", "id"),
)

subscriber = Table(
    "subscriber",
    metadata,
    id_column(),
    Column("url", Text, nullable=False, unique=True),
    Column("secret", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_by", Text, nullable=False),
    moment_column(clock=False),
    CheckConstraint("secret <> ''", name="secret"),
)

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    Column("topic", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    moment_column(clock=False),
)

delivery = Table(
    "delivery",
    metadata,
    id_column(),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("state", Text, nullable=False, server_default="due"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment_column("next_attempt_at", clock=False),
    text_column("last_error"),
    Column("delivered_at", DateTime(timezone=True)),
    UniqueConstraint("outbox_id", "subscriber_id"),
    CheckConstraint("state IN ('due', 'delivered', 'dead')", name="state"),
)
Index(
    "ix_delivery_due",
    delivery.c.next_attempt_at,
    postgresql_where=delivery.c.state == text("'due'"),
)
