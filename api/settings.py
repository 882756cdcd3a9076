"""What can an installation choose?

Every choice is a variable ``WANGGE_…`` of the environment; docs/settings.md lists them all, and a
test fails when one is missing there. Nothing is read before :class:`Settings` is built.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gis.plan.work import KINDS, LOAD_WEIGHTS

if TYPE_CHECKING:
    from gis.plan.checks import Limits

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


def _default_data_folder() -> Path:
    """Return the clone's own ``.wangge``, or the user's data folder for an installed package."""
    if (PROJECT_FOLDER / "pyproject.toml").exists():
        return PROJECT_FOLDER / ".wangge"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "wangge"


class Settings(BaseSettings):
    """The choices of one installation."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_", extra="ignore")

    database_url: SecretStr | None = Field(
        default=None,
        description="PostgreSQL with PostGIS to use instead of the private cluster.",
    )
    data_folder: Path = Field(
        default_factory=_default_data_folder,
        description="Where the private cluster, page assets, written maps and indexes are kept.",
    )
    plan: str | None = Field(
        default=None,
        description="Name of the plan (series) to use when a request names none; "
        "needed only when the database holds several.",
    )
    host_names: tuple[str, ...] = Field(
        default=(),
        description="Names under which pages may change something here, besides localhost and "
        'addresses in figures; JSON, such as ["grids.district.local"].',
    )
    time_zone: str = Field(
        default="Asia/Shanghai", description="Time zone of dates that carry none."
    )
    language: Literal["zh", "en"] = Field(
        default="zh", description="Language of pages and maps when the reader chooses none."
    )
    households_least: int = Field(
        default=300, ge=0, description="Fewest households that a grid should have."
    )
    households_most: int = Field(
        default=500, ge=0, description="Most households that a grid should have."
    )
    load_weights: dict[str, float] = Field(
        default_factory=lambda: dict(LOAD_WEIGHTS),
        description="How much one of each kind of work adds to the load of a grid, as JSON.",
    )
    load_floor: float | None = Field(
        default=None, ge=0, description="Least load that a grid should have."
    )
    load_ceiling: float | None = Field(
        default=None, ge=0, description="Most load that a grid should have."
    )
    error_checks: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="Names of checks, with commas between, whose findings stop a publish here "
        "though they are warnings elsewhere.",
    )
    geocoder: Literal["tianditu", "amap", "baidu"] | None = Field(
        default=None,
        description="Service that is asked about addresses that the address book does not know; "
        "the addresses leave the house.",
    )
    geocoder_key: SecretStr | None = Field(
        default=None, validate_default=True, description="Key for that service."
    )
    geocoder_url: str | None = Field(
        default=None, description="Address of that service, if it is not the public one."
    )
    geocoder_city: str | None = Field(
        default=None, max_length=50, description="City in which that service looks for addresses."
    )
    geocoder_timeout_s: float = Field(
        default=2.0, gt=0, le=10, description="Longest wait for an answer of that service, seconds."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="Form of the log lines."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least weight of the log lines that are written."
    )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name!r} is no time zone; write one such as Asia/Shanghai") from None
        return name

    @field_validator("load_weights")
    @classmethod
    def _known_kinds(cls, weights: dict[str, float]) -> dict[str, float]:
        if unknown := sorted(set(weights) - set(KINDS)):
            raise ValueError(f"{unknown[0]!r} is not counted; there are: {', '.join(KINDS)}")
        if not all(0.0 <= weight < float("inf") for weight in weights.values()):
            raise ValueError("a weight is a number from 0 on")
        return weights

    @field_validator("error_checks", mode="before")
    @classmethod
    def _split_names(cls, names: object) -> object:
        if not isinstance(names, str):
            return names
        return frozenset(name.strip() for name in names.split(",") if name.strip())

    @field_validator("geocoder_url")
    @classmethod
    def _usable_address(cls, url: str | None) -> str | None:
        parts = urlsplit(url or "https://localhost")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write an address such as https://maps.district.local/geocoder")
        return url

    @field_validator("geocoder_key")
    @classmethod
    def _key_for_geocoder(cls, key: SecretStr | None, known: ValidationInfo) -> SecretStr | None:
        if known.data.get("geocoder") and not (key and key.get_secret_value()):
            raise ValueError(f"the service {known.data['geocoder']} asks for a key")
        return key

    @property
    def limits(self) -> Limits:
        """What this installation asks of its grids."""
        from gis.plan.checks import Limits  # pandas with it, which most commands do without

        return Limits(
            households=(float(self.households_least), float(self.households_most)),
            load_floor=self.load_floor,
            load_ceiling=self.load_ceiling,
            load_weights=self.load_weights,
            errors=self.error_checks,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of dates that carry none."""
        return ZoneInfo(self.time_zone)

    @property
    def assets_folder(self) -> Path:
        """Where the set-up puts the JavaScript and CSS of the pages."""
        return self.data_folder / "assets"

    @property
    def index_folder(self) -> Path:
        """Where the compiled indexes of published plans are kept."""
        return self.data_folder / "index"

    @property
    def maps_folder(self) -> Path:
        """Where maps are written when the command names no file."""
        return self.data_folder / "maps"
