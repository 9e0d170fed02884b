"""Held-back cases: data that the coder never sees, compared outside the process that runs the code."""

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Document


class Given(Document):
    """A name in a case that stands for any value of a type."""

    name: str
    type: str
    """Made of int, float, bool, str, bytes, None, list, dict, tuple, set, Optional, Literal, e.g. `list[int]`."""


class Case(Document):
    """One held-back case: exactly one of `returns`, `raises` and `holds` says what must come of the call."""

    call: str
    """A Python expression that uses the contract's interfaces by name, e.g. `word_count("a b a")`."""
    returns: str | None = None
    """The value, a literal; also nan, inf, Series([…]), DataFrame({…}), array([…]), Timestamp("…"), Name(field=…)."""
    raises: str | None = None
    """The name of the exception."""
    holds: str | None = None
    """A property: a Python expression over `result` and the given names, e.g. `result == sorted(xs)`."""
    given: list[Given] = []
    """With `holds`: names in `call` for which values are made up."""
    tolerance: float = Field(default=0.0, ge=0)
    """By how much numbers may differ, absolutely or relatively."""

    @model_validator(mode="after")
    def _one_expectation(self) -> "Case":
        if sum(wanted is not None for wanted in (self.returns, self.raises, self.holds)) != 1:
            raise PydanticCustomError("expectation", "needs exactly one of returns, raises and holds")
        if self.given and self.holds is None:
            raise PydanticCustomError("given", "given goes with holds")
        return self
