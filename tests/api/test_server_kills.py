"""Is a revision old or new, and whole, when the server is killed while it publishes?"""

from __future__ import annotations

from tests.api.kills import kill_while_publishing


def test_a_server_that_is_killed_leaves_the_old_or_the_new_revision(own_url: str) -> None:
    left = kill_while_publishing(own_url, times=3, seed=1)
    assert sum(left.values()) == 3
