"""Which instant does a date that somebody typed mean?"""

from datetime import datetime, time, tzinfo

from gis.errors import InputError


def parse_instant(text: str, zone: tzinfo) -> datetime:
    """Read an ISO 8601 date or date and time; without an offset it is in ``zone``.

    A date alone means its first instant.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> parse_instant("2026-01-01", ZoneInfo("Asia/Shanghai")).isoformat()
    '2026-01-01T00:00:00+08:00'
    """
    try:
        # A "+" of an offset arrives as a space when a caller forgets to quote it.
        found = datetime.fromisoformat(text.strip().replace(" 0", "+0") if "T" in text else text)
    except ValueError:
        raise InputError(
            f"{text[:40]!r} is no date; write 2026-01-31 or 2026-01-31T08:30:00+08:00",
            given=text[:100],
        ) from None
    if found.tzinfo is None:
        found = datetime.combine(found.date(), found.time() or time.min, tzinfo=zone)
    return found
