"""Reading operators' TOML so that a mistake is answered with file, field, what was expected and what came."""

from __future__ import annotations

import tomllib
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import BadInput, ManyBadInputs

CONFIG_DIR = Path(__file__).resolve().parent.parent / "config"


class Confidence(StrEnum):
    """How sure a fact taken from outside is; shown to the user beside the fact."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNVERIFIED = "unverified"


class Strict(BaseModel):
    """Base of everything read from TOML: frozen, and an unknown key is an error, not a silent typo."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Source(Strict):
    """Where a fact that changes comes from."""

    url: str = ""
    note: str = ""
    verified_on: date | None = None
    confidence: Confidence = Confidence.UNVERIFIED


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="BCP 47")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]

Model = TypeVar("Model", bound=BaseModel)


def problems_of(where: str, error: ValidationError) -> list[BadInput]:
    """Turn a pydantic error into our own, one per field."""
    return [
        BadInput(
            where,
            ".".join(str(part) for part in item["loc"]) or "(whole)",
            item["msg"].removeprefix("Value error, "),
            item.get("input"),
        )
        for item in error.errors(include_url=False)
    ]


def read_toml(path: Path) -> dict[str, Any]:
    """Read one TOML file.

    Raises:
        BadInput: the file is not readable, not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors put a mark in front
    except OSError as error:
        raise BadInput(str(path), "(file)", "a readable file", error.strerror) from None
    except UnicodeDecodeError as error:
        raise BadInput(str(path), "(file)", "UTF-8 text", f"byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(path), "(file)", "TOML", str(error)) from None


def load(path: Path, model: type[Model]) -> Model:
    """Read a TOML file into ``model``.

    Raises:
        BadInput: not TOML.
        ManyBadInputs: every field that does not fit.
    """
    data = read_toml(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ManyBadInputs(problems_of(str(path), error)) from None
