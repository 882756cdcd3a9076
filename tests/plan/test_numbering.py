"""Which code does a new area get?"""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InputError
from gis.plan.model import Level
from gis.plan.numbering import clean_code, issue_codes, reading_order


def boxes(*corners: tuple[float, float]) -> list[shapely.Polygon]:
    return [shapely.box(x, y, x + 1, y + 1) for x, y in corners]


def test_rows_run_north_to_south_and_each_west_to_east():
    """
    +---+---+
    | 1 | 2 |    columns are a little out of line, as real areas are
    +---+---+
    | 3 | 4 |
    +---+---+
    """
    assert reading_order(boxes((1, 0.1), (0, 0), (1, 1.2), (0, 1))) == [3, 2, 1, 0]


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), max_size=20))
def test_every_area_is_counted_once(corners):
    assert sorted(reading_order(boxes(*corners))) == list(range(len(corners)))


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=12, unique=True),
    st.sets(st.integers(1, 20)),
)
def test_issued_codes_are_new_and_differ(corners, retired):
    used = {f"350402002003{number:03d}" for number in retired}
    codes = issue_codes(boxes(*corners), level=Level.GRID, parent="350402002003", used=used)
    assert len(set(codes)) == len(corners)
    assert not used & set(codes)
    assert all(len(code) == 15 and code.startswith("350402002003") for code in codes)


def test_a_subgrid_adds_two_digits_and_may_run_out():
    assert issue_codes(boxes((0, 0)), level=Level.SUBGRID, parent="1" * 15) == ["1" * 15 + "01"]
    used = {f"{'1' * 15}{number:02d}" for number in range(1, 100)}
    with pytest.raises(InputError, match="no free code of 2 digits"):
        issue_codes(boxes((0, 0)), level=Level.SUBGRID, parent="1" * 15, used=used)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (17.0, "17"),
        (350402002003001.0, "350402002003001"),
        ("０３５", "035"),
        (" 3504 02\u3000002 ", "350402002"),
        ("E01027377", "E01027377"),
        (float("nan"), ""),
        (None, ""),
        ("17.0", "17.0"),
    ],
)
def test_cells_become_codes(cell, code):
    assert clean_code(cell) == code


@pytest.mark.parametrize("cell", [35040200200300101.0, "x" * 65, "a\x00b", "a\x07b"])
def test_cells_that_cannot_be_codes_are_refused(cell):
    with pytest.raises(InputError):
        clean_code(cell)
