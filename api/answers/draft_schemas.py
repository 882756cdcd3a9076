"""What do requests and answers about drafts and revisions look like?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gis.plan.edits import Edit
from gis.plan.edits.model import Code

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Codes = Annotated[list[Code], Field(max_length=20_000)]
When = Annotated[
    str | None,
    Field(
        max_length=40,
        description="ISO 8601 date or date and time; now when left out.",
        examples=["2027-01-01"],
    ),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewDraft(_Request):
    """A draft to begin; on the latest revision when no base is named."""

    name: Title = Field(examples=["翁墩社区网格调整"])
    base: int | None = Field(None, description="Id of a published revision.")


class Copy(_Request):
    """A draft to begin as another one is, or was at a named version."""

    name: Title
    version: Title | None = Field(None, description="Name of a version of the other draft.")


class SeenVersion(_Request):
    """Which version of the draft the sender has seen."""

    seen_version: int = Field(ge=0)


class EditRequest(SeenVersion):
    """An edit, and the version of the draft that the sender saw when making it."""

    edit: Edit


class RebaseRequest(SeenVersion):
    """Whether edits that do not fit the new base are dropped; else they are named, with 409."""

    drop_conflicts: bool = False


class VersionName(_Request):
    """A name for the version that the draft has now."""

    name: Title


class Locks(_Request):
    """Grids that nobody may change in the draft."""

    lock: Codes = []
    unlock: Codes = []


class UnitChoice(_Request):
    """Buildings whose ground is to be given to a grid, with the ground between them."""

    buildings: Annotated[list[str], Field(min_length=1, max_length=5000)]
    to: Code
    across: bool = False


class BalanceRequest(_Request):
    """Which grids are to be brought between a floor and a ceiling of load."""

    floor: float | None = Field(None, ge=0, allow_inf_nan=False)
    ceiling: float | None = Field(None, ge=0, allow_inf_nan=False)
    codes: Codes = Field([], description="These grids; or all below `parent`.")
    parent: Code | None = None
    locked: Codes = []
    across: bool = Field(False, description="Grids of different parents may exchange ground.")
    seed: int = Field(0, ge=0, le=2**31)
    grain: Literal["buildings", "blocks"] = "buildings"


class DivisionRequest(_Request):
    """A grid that is to be divided into areas of equal load."""

    code: Code
    count: int = Field(ge=2, le=100)
    tolerance: float = Field(0.05, gt=0, le=1)
    seed: int = Field(0, ge=0, le=2**31)
    grain: Literal["buildings", "blocks"] = "buildings"


class ExemptionRequest(_Request):
    """Findings that are accepted, and why; without codes all findings of the check."""

    check: Title
    reason: Reason
    codes: Codes = []


class SubmitRequest(SeenVersion):
    """What is to be said with the draft when it is sent for approval."""

    exceptions: Annotated[list[ExemptionRequest], Field(max_length=200)] = []
    note: Text = ""


class Comment(_Request):
    """Words that are kept with the step."""

    reason: Text = ""


class Rejection(_Request):
    """Why a draft is sent back."""

    reason: Reason


class Approval(Comment):
    """The version that was looked at, if it is to be sure that it is the one approved."""

    seen_version: int | None = None


class PublishRequest(_Request):
    """From when on, and why."""

    effective_from: When = None
    reason: Text = ""


class RollBack(PublishRequest):
    """To which revision."""

    to: int


class LogEntryAnswer(BaseModel):
    """An edit of a draft."""

    id: int
    number: int
    state: Literal["applied", "undone", "dropped"]
    summary: str
    actor: str
    at: datetime
    changed: list[str]
    edit: dict[str, Any]


class LogAnswer(BaseModel):
    """All edits of a draft in order, with those that were undone or dropped."""

    version: int
    entries: list[LogEntryAnswer]


class DraftAnswer(BaseModel):
    """A draft, how far it is, and what was done last."""

    id: int
    plan: str
    name: str
    status: str
    version: int
    base: int | None = Field(description="Id of the revision that it began with.")
    superseded: bool = Field(description="A newer revision than the base is published: rebase.")
    locked: list[str]
    revision: int | None = Field(description="Id of the revision that it was published as.")
    created_by: str
    created_at: datetime
    grids: dict[str, int] = Field(default={}, description="How many areas of each level.")
    applied: int = Field(0, description="How many edits are applied.")
    undone: int = Field(0, description="How many can be made again.")
    last: LogEntryAnswer | None = None
    submission: SubmissionAnswer | None = None


class SubmissionAnswer(BaseModel):
    """The last time that the draft was sent for approval."""

    version: int
    submitted_by: str
    submitted_at: datetime
    note: str
    exceptions: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    comment: str


class VersionAnswer(BaseModel):
    """A version with a name."""

    version: int
    name: str
    created_by: str
    created_at: datetime


class FindingAnswer(BaseModel):
    """A fault, its place and its remedy."""

    check: str
    severity: Literal["error", "warning"]
    message: str
    remedy: str
    lon: float | None
    lat: float | None
    codes: list[str]
    size_m2: float | None


class FindingsAnswer(BaseModel):
    """What the checks say of the draft as it is."""

    version: int
    errors: int
    warnings: int
    findings: list[FindingAnswer]


class EditedAnswer(BaseModel):
    """A draft after a change, and what the change did."""

    version: int
    entry: LogEntryAnswer | None
    grids: dict[str, Any] = Field(
        description="GeoJSON of all grids that look different now: edited ones, those above, and "
        "neighbours that only got a further corner."
    )
    gone: list[str] = Field(description="Codes that are no longer there.")
    findings: list[FindingAnswer] = Field(description="Of what was touched.")
    measures: list[dict[str, Any]] = Field(description="`code`, and its measures before and after.")
    dropped: list[LogEntryAnswer] = Field(default=[], description="Edits left out by a rebase.")


class RevisionAnswer(BaseModel):
    """A revision without its grids."""

    id: int
    status: Literal["staged", "scheduled", "in_force", "past"]
    effective_from: datetime | None
    effective_to: datetime | None
    grids: dict[str, int]
    fingerprint: str
    note: str
    created_by: str
    created_at: datetime


class NewWebhook(_Request):
    """A system that is to be told of what is published."""

    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s/?#]+\S*$")]
    secret: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="`whsec_` and base64 of 24 to 64 bytes; made here when left out."
    )


class WebhookAnswer(BaseModel):
    """A system that is told of what is published."""

    id: int
    url: str
    active: bool
    created_by: str
    created_at: datetime
    secret: str | None = Field(None, description="Told once, when it is made.")


class DeadLetter(BaseModel):
    """A message that could not be delivered."""

    id: int
    message: str
    url: str
    topic: str
    attempts: int
    last_error: str
    created_at: datetime
