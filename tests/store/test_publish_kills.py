"""Whatever is killed during a publish: the old or the new revision, whole, and the past untouched.

``python -m tests.store.kills`` does the same as often as wanted.
"""

from __future__ import annotations

from tests.store.kills import Victim, kill_publishes


def test_kill_in_the_middle_of_a_publish() -> None:
    outcomes = kill_publishes(times=5, victims=list(Victim), seed=7)
    assert {victim for victim, _ in outcomes} == set(Victim)
