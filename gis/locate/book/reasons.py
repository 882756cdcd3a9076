"""What is said about an address that was looked up, and why?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.locate.address import Address
from gis.locate.standard_address import StandardAddress

Verdict = Literal["matched", "alias", "typo", "contradicted", "missing", "unchecked", "ignored"]
Scope = Literal["building", "estate", "place", "road", "area", "nothing"]

MOST_CANDIDATES = 10


class Reason(NamedTuple):
    """What one part of the words did for the answer.

    ``part`` is a field of :class:`~gis.locate.address.Address`, ``given`` what the words say of it
    and ``standard`` what the address book has. ``missing``: one of the two lacks the part, and is
    empty. ``unchecked``: the book cannot tell. ``ignored``: left out. ``note`` is one sentence.
    """

    part: str
    verdict: Verdict
    given: str
    standard: str
    note: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that the words may mean; ``confidence`` runs from 0 to 1."""

    address: StandardAddress
    confidence: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """What the address book knows about the words.

    ``candidates`` are the best entries, at most ten; ``members`` are the positions of all entries
    that the words mean: one building, or every building of an estate that is named without one.
    ``scope`` is what the words name; only a building has a place of its own.
    """

    given: str
    parts: Address
    status: Literal["found", "several", "unknown"]
    confidence: float
    candidates: tuple[Candidate, ...]
    members: NDArray[np.int32]
    reasons: tuple[Reason, ...]
    scope: Scope = "building"
