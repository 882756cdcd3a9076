"""Which code does a new area get, and is a code well formed?

A community has 12 digits (6 for the county of GB/T 2260, 3 for the subdistrict, 3 for the
community); a grid adds 3 digits to its community, a subgrid 2 to its grid. The digits that a level
adds count the areas of one parent in reading order: rows from north to south, in each row from west
to east. A row is all areas whose centre lies no further south of the row's northernmost centre than
half the middle height of the parent's areas. A code that was ever used is passed over.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence

import numpy as np
import shapely

from gis.errors import InputError
from gis.plan.model import Finding, Grid, Level, Plan, Severity

CODE_DIGITS = {
    Level.DISTRICT: 6,
    Level.SUBDISTRICT: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
    Level.SUBGRID: 17,
}
OWN_DIGITS = {
    Level.DISTRICT: 6,
    Level.SUBDISTRICT: 3,
    Level.COMMUNITY: 3,
    Level.GRID: 3,
    Level.SUBGRID: 2,
}
LONGEST_CODE = 64
_LARGEST_EXACT_FLOAT = 2.0**53


def clean_code(value: object) -> str:
    """Write a cell of a code column as a code.

    Full-width digits become plain ones, spaces around and inside a number go, and numbers from
    columns of decimals lose their ``.0``.

    Raises
    ------
    InputError
        The number has more digits than a column of decimals keeps, or the text is no code.

    Examples
    --------
    >>> clean_code(17.0), clean_code(" ３５０４０２ 001 "), clean_code(None), clean_code("A  7")
    ('17', '350402001', '', 'A 7')
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, float) and value.is_integer():
        if abs(value) >= _LARGEST_EXACT_FLOAT:
            raise InputError(
                f"the code {value:.0f} is kept as a decimal number and has lost digits; "
                "store the column as text"
            )
        value = int(value)
    text = " ".join(unicodedata.normalize("NFKC", str(value)).split())
    packed = text.replace(" ", "")
    code = packed if packed.isdigit() else text
    if len(code) > LONGEST_CODE or any(unicodedata.category(mark) == "Cc" for mark in code):
        raise InputError(
            f"{code[:20]!r}… is no code: at most {LONGEST_CODE} characters, none of them a "
            "control character"
        )
    return code


def reading_order(geometries: Sequence[shapely.Geometry]) -> list[int]:
    """Order areas as a page is read: rows from north to south, each from west to east.

    Examples
    --------
    >>> boxes = [shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (1, 0)]
    >>> reading_order(boxes)
    [3, 2, 1, 0]
    """
    if not geometries:
        return []
    areas = np.array(geometries, dtype=object)
    centres = shapely.get_coordinates(shapely.centroid(areas))
    bounds = shapely.bounds(areas)
    half = float(np.median(bounds[:, 3] - bounds[:, 1])) / 2.0
    left = sorted(range(len(areas)), key=lambda i: (-centres[i, 1], centres[i, 0], i))
    order: list[int] = []
    while left:
        floor = centres[left[0], 1] - half
        row = [i for i in left if centres[i, 1] > floor] or left[:1]
        order += sorted(row, key=lambda i: (centres[i, 0], -centres[i, 1], i))
        left = left[len(row) :]
    return order


def issue_codes(
    geometries: Sequence[shapely.Geometry],
    *,
    level: Level,
    parent: str | None,
    used: Collection[str] = (),
) -> list[str]:
    """Issue a new code to each area of one parent.

    Parameters
    ----------
    geometries
        The areas, EPSG:4490.
    level
        Their level, which sets how many digits are added.
    parent
        The code that comes first; None for none.
    used
        All codes that are or ever were in use.

    Raises
    ------
    InputError
        The parent has more areas than the digits can count.

    Examples
    --------
    >>> boxes = [shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)]
    >>> issue_codes(boxes, level=Level.GRID, parent="350402002003", used={"350402002003001"})
    ['350402002003003', '350402002003002']
    """
    digits = OWN_DIGITS[level]
    taken = set(used)
    codes = [""] * len(geometries)
    number = 0
    for index in reading_order(geometries):
        code = ""
        while not code or code in taken:
            number += 1
            code = f"{parent or ''}{number:0{digits}d}"
        if number >= 10**digits:
            raise InputError(
                f"{parent or 'the plan'} has no free code of {digits} digits left for a {level}; "
                "divide it, or give the codes in the file"
            )
        codes[index] = code
    return codes


def find_odd_codes(plan: Plan, only: Collection[str] | None = None) -> list[Finding]:
    """Find codes that break the pattern, in a plan that otherwise follows it; all or some."""
    found = []
    for level in plan.levels:
        grids = plan.at(level)
        digits = CODE_DIGITS[level]
        asked = grids if only is None else _choose(plan, level, only)
        told = [grid for grid in asked if not _fits(grid, digits)]
        if told and 2 * sum(not _fits(grid, digits) for grid in grids) < len(grids):
            found += _told(told, digits)
    return found


def _choose(plan: Plan, level: Level, codes: Collection[str]) -> list[Grid]:
    grids = [plan[code] for code in sorted(codes) if code in plan]
    return [grid for grid in grids if grid.level is level]


def _fits(grid: Grid, digits: int) -> bool:
    numeric = grid.code.isascii() and grid.code.isdigit() and len(grid.code) == digits
    return numeric and (grid.parent is None or grid.code.startswith(grid.parent))


def _told(odd: Sequence[Grid], digits: int) -> list[Finding]:
    places = [grid.geometry.representative_point() for grid in odd]
    return [
        Finding(
            "codes",
            Severity.WARNING,
            f"{grid.code} is not {grid.parent or ''}… with {digits} digits, as the others are",
            "check the code",
            place.x,
            place.y,
            (grid.code,),
        )
        for grid, place in zip(odd, places, strict=True)
    ]
