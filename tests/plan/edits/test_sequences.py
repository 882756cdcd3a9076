"""Does every sequence of edits keep the plan exact?"""

from itertools import pairwise

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.plan.chains import border_of
from gis.plan.edits.noding import node
from tests.plan.edits.by_chance import RELATIVE, moves_the_limit, step, total_ground
from tests.plan.edits.drawn import wiggly_plan


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    levels=st.integers(1, 3),
    foreign=st.booleans(),
    holes=st.booleans(),
    steps=st.integers(1, 12),
)
def test_every_sequence_keeps_the_plan_exact(seed, levels, foreign, holes, steps):
    """What ``check_applied`` asserts holds after every edit, and undo is the plan before."""
    plan = wiggly_plan(seed, columns=3, rows=3, levels=levels, foreign=foreign, holes=holes)
    random = np.random.default_rng(seed)
    kept, ground = [(plan, plan.fingerprint)], total_ground(plan)
    for _ in range(steps):
        applied, _, why = step(plan, random)
        if applied is None:
            assert why
            continue
        plan = applied.plan
        if moves_the_limit(applied.edit):
            ground = total_ground(plan)
        assert abs(total_ground(plan) - ground) <= RELATIVE * ground
        kept.append((plan, plan.fingerprint))
    for earlier, fingerprint in kept:
        assert type(earlier)(earlier.grids).fingerprint == fingerprint


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), reach=st.sampled_from([1e-6, 1e-5, 1e-4]))
def test_after_noding_nothing_crosses(seed, reach):
    """Drawn segments and pieces of edges meet at common ends only; old corners are all there."""
    random = np.random.default_rng(seed)
    plan = wiggly_plan(seed, columns=2, rows=2, levels=1, holes=False)
    borders = border_of(plan.geometries)
    corners = np.unique(borders.reshape(-1, 2), axis=0)
    start = corners[random.integers(len(corners))]
    walk = np.round(start + np.cumsum(random.uniform(-reach, reach, (6, 2)), axis=0), 7)
    try:
        noded = node([walk.tolist()], borders)
    except Exception as error:
        assert "too close along" in str(error)
        return
    pieces = {
        tuple(sorted(pair))
        for edge in {tuple(sorted((tuple(s[:2]), tuple(s[2:])))) for s in borders.tolist()}
        for run in [[edge[0], *noded.cuts.get((*edge[0], *edge[1]), ()), edge[1]]]
        for pair in pairwise(run)
    }
    drawn = {tuple(sorted((tuple(s[:2]), tuple(s[2:])))) for s in noded.chain.tolist()}
    every = sorted(pieces | drawn)
    lines = np.array([shapely.LineString(pair) for pair in every])
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        if a < b:
            assert set(every[a]) & set(every[b]) or not lines[a].crosses(lines[b])
    assert {tuple(c) for c in corners.tolist()} <= {c for pair in pieces for c in pair}
