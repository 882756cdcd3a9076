"""Which instant does a date that somebody typed mean?"""

import re
from datetime import MAXYEAR, MINYEAR, datetime, tzinfo

from gis.errors import InputError

# A "+" of an offset arrives as a space when a caller forgets to quote it.
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)")


def parse_instant(text: str, zone: tzinfo) -> datetime:
    """Read an ISO 8601 date or date and time; without an offset it is in ``zone``.

    A date alone means its first instant. The first and the last year of the calendar are refused:
    in another time zone their days may lie outside it, where no program can follow.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> parse_instant("2026-01-01", ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-01-01T00:00:00+08:00'
    """
    plain = text.strip()
    try:
        found = datetime.fromisoformat(_LOST_PLUS.sub("+", plain) if "T" in plain else plain)
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is no date; write 2026-01-31 or 2026-01-31T08:30:00+08:00",
            given=text[:100],
        ) from None
    if not MINYEAR < found.year < MAXYEAR:
        raise InputError(
            f"{text[:40]!r} is no date that can be used; write one of the years {MINYEAR + 1} "
            f"to {MAXYEAR - 1}",
            given=text[:100],
        )
    return found.replace(tzinfo=zone) if found.tzinfo is None else found
