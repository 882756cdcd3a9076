"""What is a report?

One located matter. No name, telephone number or identity of a person is ever kept: a report has a
place, a time, a kind, a category and a title, and no more.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REPORT_COLUMNS = (
    "external_id",
    "occurred_at",
    "kind",
    "category",
    "title",
    "status",
    "lon",
    "lat",
    "address",
)
"""Columns of a table of reports (pandas): the fields of :class:`Report` without ``source``;
``occurred_at`` is timezone-aware, ``lon``/``lat`` are NaN when unlocated, the rest is text."""


class Kind(StrEnum):
    """What sort of matter a report is."""

    SUGGESTION = "suggestion"
    DISPUTE = "dispute"
    SERVICE_REQUEST = "service_request"
    INCIDENT = "incident"


class Status(StrEnum):
    """Whether the matter still has to be handled."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Report:
    """One located matter.

    ``lon``/``lat`` are EPSG:4490 degrees, both None when the report has no usable position
    (*unlocated*: kept, counted, and shown as such). ``occurred_at`` is an aware date and time.
    ``(source, external_id)`` is the identity by which a second import finds the first.
    """

    source: str
    external_id: str
    occurred_at: datetime
    kind: Kind
    category: str
    title: str = ""
    status: Status = Status.CLOSED
    lon: float | None = None
    lat: float | None = None
    address: str = ""
