"""Is the side of a point known exactly, also where doubles cannot tell?"""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.locate.table.sides import side


def side_in_fractions(*coordinates: float) -> int:
    ax, ay, bx, by, x, y = map(Fraction, coordinates)
    turn = (ax - x) * (by - y) - (ay - y) * (bx - x)
    return (turn > 0) - (turn < 0)


anywhere = st.floats(-1e6, 1e6).filter(lambda value: value == 0.0 or abs(value) > 1e-100)
steps = st.integers(-40, 40)


def step(value: float, ulps: int) -> float:
    for _ in range(abs(ulps)):
        value = float(np.nextafter(value, np.copysign(np.inf, ulps)))
    return value


@given(st.tuples(*[anywhere] * 6))
def test_side_is_the_sign_of_the_real_determinant(coordinates: tuple[float, ...]) -> None:
    assert side(*coordinates) == side_in_fractions(*coordinates)


@given(st.floats(0, 1), steps, steps, steps, steps)
def test_side_is_exact_a_few_ulps_from_an_edge(
    share: float, ax_ulps: int, by_ulps: int, x_ulps: int, y_ulps: int
) -> None:
    ax, ay = step(117.55, ax_ulps), 26.2
    bx, by = 117.75, step(26.35, by_ulps)
    x, y = step(ax + share * (bx - ax), x_ulps), step(ay + share * (by - ay), y_ulps)
    assert side(ax, ay, bx, by, x, y) == side_in_fractions(ax, ay, bx, by, x, y)


def test_side_sees_the_smallest_step_that_doubles_can_make() -> None:
    """Shewchuk's classic: points on a lattice of ulps around a diagonal."""
    for i in range(64):
        for j in range(64):
            x, y = step(0.5, i), step(0.5, j)
            assert side(12.0, 12.0, 24.0, 24.0, x, y) == (j > i) - (j < i)
