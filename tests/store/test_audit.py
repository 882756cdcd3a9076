"""The audit only grows."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from gis.errors import Refused
from gis.store import audit
from gis.store.sessions import transaction


def test_entries_come_back_newest_first(database: Engine) -> None:
    with transaction(database) as connection:
        audit.record(connection, "chen", "plan.stage", "meilie", {"grids": 145})
        audit.record(connection, "lin", "plan.publish", "sanyuan")
    with transaction(database) as connection:
        newest, oldest = audit.entries(connection)
        assert audit.entries(connection, subject="meilie") == [oldest]
        assert audit.entries(connection, since=newest.at) == [newest]
        assert audit.entries(connection, limit=1) == [newest]
    assert (oldest.actor, oldest.action, dict(oldest.detail)) == (
        "chen", "plan.stage", {"grids": 145},
    )  # fmt: skip
    assert oldest.at < newest.at


@pytest.mark.parametrize(
    "statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"]
)
def test_entries_are_never_changed_or_removed(database: Engine, statement: str) -> None:
    with transaction(database) as connection:
        audit.record(connection, "chen", "plan.stage")
    with pytest.raises(Refused, match="only grows"), transaction(database) as connection:
        connection.execute(text(statement))
    with transaction(database) as connection:
        assert len(audit.entries(connection)) == 1
