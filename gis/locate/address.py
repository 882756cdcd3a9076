"""Which parts does a written address consist of?"""

from __future__ import annotations

from typing import NamedTuple

LONGEST_ADDRESS = 500
"""More characters are no address."""


class Address(NamedTuple):
    """The parts of an address in normal form; a part that is not said is empty.

    Names are in simplified characters with their suffix as it is official (``列东街道``, ``翁墩社区``,
    ``崇宁路``, ``翁墩新村``); numbered parts are their number alone (``lane`` "45" of 列东街45巷,
    ``number`` "12", or "12-3" for 12号附3 and 12之3, ``building`` "48" for 四十八幢, ``unit`` "2",
    ``floor`` "3", ``room`` "601"). ``place`` is a point of interest; ``noise`` is what was left out:
    telephone numbers, names of persons, remarks.
    """

    province: str = ""
    city: str = ""
    county: str = ""
    subdistrict: str = ""
    community: str = ""
    road: str = ""
    lane: str = ""
    number: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    place: str = ""
    noise: str = ""


def parse_address(text: str) -> Address:
    """Return the parts of a written address."""
    return Address(noise=text)
