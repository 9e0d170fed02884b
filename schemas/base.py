"""What all document models share."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)


class Document(BaseModel):
    """A model that takes JSON's types as they are, refuses unknown keys and documents its fields under them."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True)


def _rfc3339(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _RFC3339.fullmatch(value.upper()):
        return datetime.fromisoformat(value.upper())
    raise ValueError("must be an RFC 3339 date-time, e.g. 2026-01-31T09:30:00Z")


def whole(value: object) -> object:
    """5 for 5.0, which is the same number in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Timestamp = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]
"""An RFC 3339 date-time with a zone. Source: the field tables."""
Integer = Annotated[int, BeforeValidator(whole)]
"""A whole number, which JSON may also write as 5.0."""
