"""Which codes and names do the new parts of an area get?

Where codes follow the pattern of digits, the next free ones below the parent, in reading order.
Elsewhere the old code with ``-2``, ``-3`` … A new part is called after the area that it was cut
from, with its own number: ``翁墩第一网格-7`` for the part with the code …007. Planners rename it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import count

from gis.errors import InputError, Refused
from gis.plan.chains import Area
from gis.plan.edits.model import LONGEST_NAME
from gis.plan.model import Grid, Plan
from gis.plan.numbering import (
    CODE_DIGITS,
    LONGEST_CODE,
    OWN_DIGITS,
    clean_code,
    issue_codes,
    reading_order,
)


def codes_for_parts(
    plan: Plan, old: Grid, parts: Sequence[Area], *, parent: str | None, used: Collection[str]
) -> list[str]:
    """Issue a code for each new part of an area.

    Parameters
    ----------
    plan
        None of its codes is issued.
    old
        The area that was cut.
    parts
        The ground of the new areas, EPSG:4490.
    parent
        The code of the area above them.
    used
        Further codes that are not issued.
    """
    taken = {grid.code for grid in plan}.union(used)
    prefix = _prefix(old, parent)
    if prefix is not None:
        try:
            return issue_codes(parts, level=old.level, parent=prefix, used=taken)
        except InputError as error:
            raise Refused(error.message, codes=[old.code]) from None
    stem = re.sub(r"-[0-9]+$", "", old.code)
    free = (code for number in count(2) if (code := f"{stem}-{number}") not in taken)
    found = dict(zip(reading_order(parts), free, strict=False))
    codes = [found[index] for index in range(len(parts))]
    if max(map(len, codes), default=0) > LONGEST_CODE:
        raise Refused(f"there is no room for a number behind the code {stem}", codes=[old.code])
    return codes


def check_issued(
    plan: Plan, codes: Sequence[str], needed: int, old: str, used: Collection[str]
) -> list[str]:
    """Return codes that were issued before, if they still fit.

    Raises
    ------
    Refused
        Another number of parts comes out now, or a code is or was in use, or is none.
    """
    if len(codes) != needed or len(set(codes)) != needed:
        raise Refused(
            f"{old} falls into {needed} new parts here, and {len(codes)} codes were issued for "
            "them: the plan is another one than then; draw it anew",
            codes=[old],
        )
    for code in codes:
        if code in plan:
            raise Refused(f"the code {code} cannot be issued: it is in use", codes=[code])
        if code in used:
            raise Refused(f"the code {code} cannot be issued: it was in use before", codes=[code])
        require_code(code, old)
    return list(codes)


def require_code(code: str, old: str) -> None:
    """Raise Refused unless a text is a code as it is written, which an address can hold.

    Raises
    ------
    InputError
        It is too long or holds a control character.
    """
    if not code or clean_code(code) != code:
        raise Refused(f"{code!r} is no code; write it as {clean_code(code)!r}", codes=[old])
    if code in {".", ".."}:
        raise Refused(f"{code!r} is no code: no address can name it", codes=[old])


def name_part(old: Grid, code: str) -> str:
    """Return the name of a part that was cut from an area.

    Examples
    --------
    >>> from gis.plan.model import Level
    >>> import shapely
    >>> old = Grid("350402002003001", "翁墩第一网格", Level.GRID, shapely.box(0, 0, 1, 1))
    >>> name_part(old, "350402002003007")
    '翁墩第一网格-7'
    """
    own = re.search(r"([0-9]+)$", code)
    number = str(int(own.group()[-OWN_DIGITS[old.level] :])) if own else code
    return f"{old.name[: LONGEST_NAME - len(number) - 1]}-{number}"


def follows_pattern(code: str, digits: int) -> bool:
    """Tell whether a code is so many plain digits."""
    return re.fullmatch(rf"[0-9]{{{digits}}}", code) is not None


def _prefix(old: Grid, parent: str | None) -> str | None:
    """Return what the codes of new parts begin with, None where codes follow no pattern."""
    digits = CODE_DIGITS[old.level] - OWN_DIGITS[old.level]
    if not follows_pattern(old.code, CODE_DIGITS[old.level]):
        return None
    if parent is None:
        return old.code[:digits]
    return parent if follows_pattern(parent, digits) else None
