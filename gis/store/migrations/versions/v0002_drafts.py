"""Drafts with their log, approvals, lineage, routes of open reports, and the outbox."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

DRAFTS = """
CREATE TABLE draft (
    id bigint GENERATED ALWAYS AS IDENTITY,
    series_id bigint NOT NULL,
    base_revision_id bigint,
    name text NOT NULL,
    status text NOT NULL DEFAULT 'open',
    version integer NOT NULL DEFAULT 1,
    locked text[] COLLATE "C" NOT NULL DEFAULT '{}'::text[],
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_draft PRIMARY KEY (id),
    CONSTRAINT fk_draft_series_id FOREIGN KEY (series_id) REFERENCES series (id),
    CONSTRAINT fk_draft_base_revision_id
        FOREIGN KEY (base_revision_id) REFERENCES revision (id) ON DELETE SET NULL,
    CONSTRAINT ck_draft_name CHECK (name <> ''),
    CONSTRAINT ck_draft_creator CHECK (created_by <> ''),
    CONSTRAINT ck_draft_status CHECK (
        status IN ('open', 'submitted', 'approved', 'scheduled', 'cancelled')),
    CONSTRAINT ck_draft_base CHECK (base_revision_id IS NOT NULL OR status = 'cancelled')
);
CREATE INDEX ix_draft_series_id ON draft (series_id);
CREATE INDEX ix_draft_base_revision_id ON draft (base_revision_id);

CREATE TABLE draft_edit (
    id bigint GENERATED ALWAYS AS IDENTITY,
    draft_id bigint NOT NULL,
    number integer NOT NULL,
    edit jsonb NOT NULL,
    changed text[] COLLATE "C" NOT NULL,
    state text NOT NULL DEFAULT 'applied',
    summary text NOT NULL DEFAULT '',
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_draft_edit PRIMARY KEY (id),
    CONSTRAINT uq_draft_edit_draft_id_number UNIQUE (draft_id, number),
    CONSTRAINT fk_draft_edit_draft_id FOREIGN KEY (draft_id) REFERENCES draft (id),
    CONSTRAINT ck_draft_edit_state CHECK (state IN ('applied', 'undone', 'dropped'))
);

CREATE TABLE draft_event (
    id bigint GENERATED ALWAYS AS IDENTITY,
    draft_id bigint NOT NULL,
    version integer NOT NULL,
    what text NOT NULL,
    entry_id bigint,
    changed text[] COLLATE "C" NOT NULL DEFAULT '{}'::text[],
    summary text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}'::jsonb,
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_draft_event PRIMARY KEY (id),
    CONSTRAINT uq_draft_event_draft_id_version UNIQUE (draft_id, version),
    CONSTRAINT fk_draft_event_draft_id FOREIGN KEY (draft_id) REFERENCES draft (id),
    CONSTRAINT fk_draft_event_entry_id FOREIGN KEY (entry_id) REFERENCES draft_edit (id),
    CONSTRAINT ck_draft_event_actor CHECK (actor <> '')
);

CREATE TABLE draft_version (
    id bigint GENERATED ALWAYS AS IDENTITY,
    draft_id bigint NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_draft_version PRIMARY KEY (id),
    CONSTRAINT uq_draft_version_draft_id_name UNIQUE (draft_id, name),
    CONSTRAINT fk_draft_version_draft_id FOREIGN KEY (draft_id) REFERENCES draft (id),
    CONSTRAINT ck_draft_version_name CHECK (name <> '')
);

CREATE TABLE submission (
    id bigint GENERATED ALWAYS AS IDENTITY,
    draft_id bigint NOT NULL,
    version integer NOT NULL,
    fingerprint text NOT NULL,
    findings jsonb NOT NULL,
    exemptions jsonb NOT NULL,
    note text NOT NULL DEFAULT '',
    submitted_by text NOT NULL,
    submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    decision text,
    decided_by text,
    decided_at timestamptz,
    comment text NOT NULL DEFAULT '',
    CONSTRAINT pk_submission PRIMARY KEY (id),
    CONSTRAINT fk_submission_draft_id FOREIGN KEY (draft_id) REFERENCES draft (id),
    CONSTRAINT ck_submission_decision CHECK (
        decision IN ('approved', 'rejected', 'withdrawn', 'cancelled')),
    CONSTRAINT ck_submission_decided CHECK (
        (decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
    CONSTRAINT ck_submission_person CHECK (submitted_by <> '' AND decided_by <> ''),
    CONSTRAINT ck_submission_second_person CHECK (
        decision <> 'approved' OR lower(decided_by) <> lower(submitted_by))
);
CREATE INDEX ix_submission_draft_id ON submission (draft_id);
"""

# Only one import may be staged. A draft or a rollback is unpublished for a moment too, inside the
# transaction that publishes it.
REVISIONS = """
ALTER TABLE revision
    ADD COLUMN origin text NOT NULL DEFAULT 'import',
    ADD COLUMN draft_id bigint,
    ADD COLUMN restored_id bigint,
    ADD COLUMN routed_at timestamptz,
    ADD CONSTRAINT uq_revision_draft_id UNIQUE (draft_id),
    ADD CONSTRAINT fk_revision_draft_id FOREIGN KEY (draft_id) REFERENCES draft (id),
    ADD CONSTRAINT fk_revision_restored_id FOREIGN KEY (restored_id) REFERENCES revision (id),
    ADD CONSTRAINT ck_revision_origin CHECK (CASE origin
        WHEN 'import' THEN draft_id IS NULL AND restored_id IS NULL
        WHEN 'draft' THEN draft_id IS NOT NULL AND restored_id IS NULL
        WHEN 'rollback' THEN draft_id IS NULL AND restored_id IS NOT NULL
        ELSE false END);
DROP INDEX uq_revision_one_staged;
CREATE UNIQUE INDEX uq_revision_one_staged ON revision (series_id)
    WHERE valid IS NULL AND origin = 'import';

CREATE FUNCTION check_revision_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.origin <> 'import'
       AND EXISTS (SELECT FROM revision WHERE id = NEW.id AND valid IS NULL) THEN
        RAISE EXCEPTION 'revision % was made from a % and not published', NEW.id, NEW.origin
            USING ERRCODE = 'WG001';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER revision_whole AFTER INSERT ON revision
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_revision_is_whole();

CREATE TABLE lineage (
    id bigint GENERATED ALWAYS AS IDENTITY,
    revision_id bigint NOT NULL,
    level text NOT NULL,
    from_code text COLLATE "C",
    to_code text COLLATE "C",
    kind text NOT NULL,
    area_share_from double precision NOT NULL,
    area_share_to double precision NOT NULL,
    households_share_from double precision,
    households_share_to double precision,
    buildings_share_from double precision,
    buildings_share_to double precision,
    CONSTRAINT pk_lineage PRIMARY KEY (id),
    CONSTRAINT fk_lineage_revision_id
        FOREIGN KEY (revision_id) REFERENCES revision (id) ON DELETE CASCADE,
    CONSTRAINT ck_lineage_kind CHECK (
        kind IN ('same', 'renamed', 'moved', 'split', 'merged', 'new', 'retired')),
    CONSTRAINT ck_lineage_code CHECK (from_code IS NOT NULL OR to_code IS NOT NULL)
);
CREATE INDEX ix_lineage_revision_id_from_code ON lineage (revision_id, from_code);
"""

# Checked once a statement, like the grids of reports: foreign keys are checked once a row.
ROUTES = """
CREATE INDEX ix_report_open ON report (series_id, id) WHERE status = 'open';

CREATE TABLE report_route (
    id bigint GENERATED ALWAYS AS IDENTITY,
    report_id bigint NOT NULL,
    revision_id bigint NOT NULL,
    from_grid_id bigint,
    grid_id bigint,
    routed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_report_route PRIMARY KEY (report_id, id)
);

CREATE FUNCTION check_routes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT revision_id, grid_id FROM fresh) AS pair
        WHERE NOT EXISTS (SELECT FROM revision WHERE revision.id = pair.revision_id)
           OR pair.grid_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM grid
                WHERE grid.id = pair.grid_id AND grid.revision_id = pair.revision_id)
    ) OR EXISTS (
        SELECT FROM fresh JOIN report ON report.id = fresh.report_id
        HAVING count(*) <> (SELECT count(*) FROM fresh)
    ) THEN
        RAISE EXCEPTION 'a report is handed to a grid that is not in the revision'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER report_route_in_grids AFTER INSERT ON report_route REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION check_routes();
"""

OUTBOX = """
CREATE TABLE subscriber (
    id bigint GENERATED ALWAYS AS IDENTITY,
    url text NOT NULL,
    secret text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_subscriber PRIMARY KEY (id),
    CONSTRAINT uq_subscriber_url UNIQUE (url),
    CONSTRAINT ck_subscriber_secret CHECK (secret <> '')
);

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY,
    topic text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);

CREATE TABLE delivery (
    id bigint GENERATED ALWAYS AS IDENTITY,
    outbox_id bigint NOT NULL,
    subscriber_id bigint NOT NULL,
    state text NOT NULL DEFAULT 'due',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error text NOT NULL DEFAULT '',
    delivered_at timestamptz,
    CONSTRAINT pk_delivery PRIMARY KEY (id),
    CONSTRAINT uq_delivery_outbox_id_subscriber_id UNIQUE (outbox_id, subscriber_id),
    CONSTRAINT fk_delivery_outbox_id FOREIGN KEY (outbox_id) REFERENCES outbox (id),
    CONSTRAINT fk_delivery_subscriber_id FOREIGN KEY (subscriber_id) REFERENCES subscriber (id),
    CONSTRAINT ck_delivery_state CHECK (state IN ('due', 'delivered', 'dead'))
);
CREATE INDEX ix_delivery_due ON delivery (next_attempt_at) WHERE state = 'due';
"""

# A revision whose date has not come is no history yet: it may be removed, if it is the last, and
# the end that it set may be opened again. The date is looked at once more when the transaction
# ends, so that nobody can have seen the revision in force.
HISTORY = """
CREATE OR REPLACE FUNCTION keep_published_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed revision;
BEGIN
    IF OLD.valid IS NULL THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF lower(OLD.valid) > clock_timestamp() AND upper_inf(OLD.valid) THEN
            RETURN OLD;
        END IF;
    ELSE
        allowed := OLD;
        IF upper_inf(OLD.valid) <> upper_inf(NEW.valid)
           AND (upper_inf(OLD.valid) OR upper(OLD.valid) > clock_timestamp()) THEN
            allowed.valid := tstzrange(lower(OLD.valid), upper(NEW.valid));
        END IF;
        IF OLD.routed_at IS NULL AND lower(OLD.valid) <= clock_timestamp()
           OR OLD.routed_at IS NULL AND lower_inf(OLD.valid) THEN
            allowed.routed_at := NEW.routed_at;
        END IF;
        IF NEW IS NOT DISTINCT FROM allowed THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'revision % is published and never changes; publish a new one', OLD.id
        USING ERRCODE = 'WG001';
END $$;

CREATE FUNCTION keep_begun_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND lower(OLD.valid) <= clock_timestamp()
       OR TG_OP = 'UPDATE' AND upper_inf(NEW.valid) AND upper(OLD.valid) <= clock_timestamp() THEN
        RAISE EXCEPTION 'revision % came into force meanwhile; roll back instead', OLD.id
            USING ERRCODE = 'WG001';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER revision_not_begun AFTER UPDATE OR DELETE ON revision
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.valid IS NOT NULL)
    EXECUTE FUNCTION keep_begun_revision();

CREATE TRIGGER draft_never_removed BEFORE DELETE OR TRUNCATE ON draft
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draft_edit_never_removed BEFORE DELETE OR TRUNCATE ON draft_edit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draft_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON draft_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER draft_version_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON draft_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER submission_never_removed BEFORE DELETE OR TRUNCATE ON submission
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER report_route_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON report_route
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER lineage_never_changes BEFORE UPDATE OR TRUNCATE ON lineage
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER outbox_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.series_id, NEW.created_by, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.series_id, OLD.created_by, OLD.created_at)
       OR NEW.version <> OLD.version + 1 AND NEW.base_revision_id IS NOT NULL THEN
        RAISE EXCEPTION 'draft % changes one version at a time', OLD.id USING ERRCODE = 'WG001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_by_versions BEFORE UPDATE ON draft
    FOR EACH ROW EXECUTE FUNCTION keep_draft();

CREATE FUNCTION keep_draft_edit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed draft_edit := OLD;
BEGIN
    IF OLD.state <> 'dropped' THEN
        allowed.state := NEW.state;
    END IF;
    IF NEW IS DISTINCT FROM allowed THEN
        RAISE EXCEPTION 'edit % of the log never changes', OLD.id USING ERRCODE = 'WG001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draft_edit_immutable BEFORE UPDATE ON draft_edit
    FOR EACH ROW EXECUTE FUNCTION keep_draft_edit();

CREATE FUNCTION keep_submission() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed submission := OLD;
BEGIN
    -- An approval may still be withdrawn; what was submitted, by whom and with which findings
    -- never changes, and the events of the draft keep who approved.
    IF OLD.decision IS NULL OR OLD.decision = 'approved' AND NEW.decision <> 'approved' THEN
        allowed.decision := NEW.decision;
        allowed.decided_by := NEW.decided_by;
        allowed.decided_at := NEW.decided_at;
        allowed.comment := NEW.comment;
    END IF;
    IF NEW IS DISTINCT FROM allowed THEN
        RAISE EXCEPTION 'submission % is decided and never changes', OLD.id
            USING ERRCODE = 'WG001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER submission_immutable BEFORE UPDATE ON submission
    FOR EACH ROW EXECUTE FUNCTION keep_submission();

CREATE FUNCTION keep_lineage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM revision WHERE id = OLD.revision_id) THEN
        RAISE EXCEPTION 'the lineage of revision % never changes', OLD.revision_id
            USING ERRCODE = 'WG001';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER lineage_immutable BEFORE DELETE ON lineage
    FOR EACH ROW EXECUTE FUNCTION keep_lineage();
"""


def upgrade() -> None:
    """Add everything to a database at 0001, whose rows stay as they are."""
    for statements in (DRAFTS, REVISIONS, ROUTES, OUTBOX, HISTORY):
        op.execute(statements)
