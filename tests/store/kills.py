"""Is a publish whole or not at all, whatever is killed with ``kill -9`` while it runs?

    python -m tests.store.kills [--times N] [--seed N]

A program publishes one draft after the other on a durable private cluster. At a random moment
between the begin and the usual end of a publish, the program, the whole database, or just the
process of the database that serves the publish is killed. Then the database is started again, and
each time these must hold:

- the series has exactly the revisions from before, or one more; each is whole (the fingerprint of
  its grids is the stored one) and the earlier ones have the fingerprints they had;
- the validities follow one another without hole or overlap, and the last one is open;
- a published revision has its lineage, its audit row, its message in the outbox, its draft, and
  open reports whose responsible grid is the one that covers them; otherwise there is none of that.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Connection, text

from gis.store import lineage, migrate, plans, routing
from gis.store.cluster import Cluster
from gis.store.reports import copy_reports
from gis.store.sessions import open_engine, transaction
from tests.store.drawn import publish_nine_grids, reports
from tests.store.editing import code, locate_in

PROJECT_FOLDER = Path(__file__).resolve().parents[2]
OPEN_REPORTS = 200


class Victim(StrEnum):
    """What is killed."""

    PROGRAM = "program"
    DATABASE = "database"
    BACKEND = "backend"


def main() -> None:
    """Kill, check and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    outcomes = kill_publishes(times=options.times, victims=list(Victim), seed=options.seed)
    for (victim, outcome), count in sorted(Counter(outcomes).items()):
        print(f"{victim} killed, {outcome}: {count}")  # noqa: T201
    print(f"{len(outcomes)} kills, every time the old or the new revision, whole")  # noqa: T201


def kill_publishes(*, times: int, victims: Sequence[Victim], seed: int) -> list[tuple[str, str]]:
    """Kill publishes at random moments; return what was killed and which revision was found."""
    chance = random.Random(seed)  # noqa: S311
    outcomes = []
    with own_cluster() as cluster:
        url = fill(cluster)
        usual_s = 0.2
        for turn in range(times):
            victim = victims[turn % len(victims)]
            before = look(url)
            usual_s = kill_one(cluster, url, victim, chance, usual_s)
            url = cluster.ensure()
            after = look(url)
            # Publishes that were done before the fatal one are whole too: look() says so.
            assert after[: len(before)] == before, (before, after)
            new = len(after) - len(before)
            outcomes.append((victim.value, "new revision" if new else "old revision"))
    return outcomes


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A durable cluster of this run alone."""
    with tempfile.TemporaryDirectory(prefix="wangge-kills-") as name:
        Path(name).chmod(0o755)
        cluster = Cluster(Path(name))
        try:
            yield cluster
        finally:
            cluster.stop()


def fill(cluster: Cluster) -> str:
    """Publish the nine grids and add open reports; return the address of the database."""
    url = cluster.ensure()
    engine = open_engine(url)
    migrate.upgrade(engine)
    with transaction(engine) as connection:
        series, ids = publish_nine_grids(connection)
        connection.execute(text("UPDATE revision SET routed_at = now()"))
        rows = [
            {
                "external_id": f"r{number}", "status": "open", "lon": 117.625, "lat": 26.225,
                "grid_id": ids[code(9)], "position": "located",
            }
            for number in range(OPEN_REPORTS)
        ]  # fmt: skip
        copy_reports(connection, series, "x", [reports(rows)])
    engine.dispose()
    return url


def kill_one(
    cluster: Cluster, url: str, victim: Victim, chance: random.Random, usual_s: float
) -> float:
    """Kill at a random moment of a publish; return how long to wait at most the next time."""
    command = [sys.executable, "-m", "tests.store.publishing_process", url]
    with subprocess.Popen(
        command, cwd=PROJECT_FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as program:
        assert program.stdout is not None
        try:
            assert program.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, usual_s))
            _kill(cluster, victim, program)
            if victim is not Victim.PROGRAM:
                program.wait(timeout=60)
            done = "done" in program.stdout.read()
        finally:
            program.kill()
    # Aim at the whole of a publish, whatever this machine has to do besides.
    return max(0.02, usual_s * 0.8) if done else usual_s * 1.2


def _kill(cluster: Cluster, victim: Victim, program: subprocess.Popen[str]) -> None:
    if victim is Victim.PROGRAM:
        program.kill()
        return
    pid = cluster.status().pid if victim is Victim.DATABASE else _backend(cluster)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def _backend(cluster: Cluster) -> int | None:
    """Return the process of the database that serves the publishing program."""
    engine = open_engine(cluster.url())
    query = text(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'wangge'"
        " AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    try:
        with engine.connect() as connection:
            pid: int | None = connection.execute(query).scalar()
            return pid
    finally:
        engine.dispose()


def look(url: str) -> list[tuple[int, str]]:
    """Check everything that must hold; return the revisions with their fingerprints."""
    engine = open_engine(url)
    try:
        with transaction(engine) as connection:
            return _look(connection)
    finally:
        engine.dispose()


def _look(connection: Connection) -> list[tuple[int, str]]:
    [series] = plans.list_series(connection)
    stored = {each.id: each for each in plans.revision_summaries(connection, series)}
    revisions = plans.load_revisions(connection, series)
    assert len(stored) == len(revisions), "something is left unpublished"
    for revision in revisions:
        assert revision.plan.fingerprint == stored[revision.id].fingerprint
    for earlier, later in pairwise(revisions):
        assert earlier.effective_to == later.effective_from is not None
        assert lineage.load_lineage(connection, later.id), "no lineage"
        assert stored[later.id].routed_at is not None
    assert revisions[-1].effective_to is None
    made = {each.id: each.draft_id for each in stored.values() if each.draft_id is not None}
    audited = "SELECT (detail->>'revision')::bigint FROM audit WHERE action = 'plan.publish'"
    sent = "SELECT (payload->>'revision')::bigint FROM outbox"
    drafts = "SELECT id FROM draft WHERE status = 'scheduled'"
    assert set(stored) == _column(connection, audited) == _column(connection, sent)
    assert set(made.values()) == _column(connection, drafts)
    routed = _column(connection, "SELECT DISTINCT revision_id FROM report_route")
    assert routed <= set(stored)
    ids = sorted(_column(connection, "SELECT id FROM report"))
    [expected] = set(locate_in(revisions[-1].plan)([117.625], [26.225]))
    assert set(routing.responsible_codes(connection, ids).values()) == {expected}
    return [(revision.id, revision.plan.fingerprint) for revision in revisions]


def _column(connection: Connection, query: str) -> set[int]:
    return set(connection.execute(text(query)).scalars())


if __name__ == "__main__":
    main()
