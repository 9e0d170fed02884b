"""Values made up for a type: of that type, the same each time; a type nothing can be made of is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from schemas.cases import Given
from schemas.errors import BadInput
from tools.verdict.examples import examples, strategy
from tools.verdict.values import plain

FITS: dict[str, Callable[[Any], bool]] = {
    "int": lambda x: type(x) is int,
    "float": lambda x: type(x) is float and abs(x) <= 1e6,
    "bool": lambda x: type(x) is bool,
    "str": lambda x: type(x) is str,
    "bytes": lambda x: type(x) is bytes,
    "None": lambda x: x is None,
    "int | None": lambda x: x is None or type(x) is int,
    "Optional[str]": lambda x: x is None or type(x) is str,
    "Union[int, str]": lambda x: type(x) in (int, str),
    "list[int]": lambda x: type(x) is list and all(type(each) is int for each in x),
    "list[list[bool]]": lambda x: all(type(each) is list for each in x),
    "Sequence[str]": lambda x: type(x) is list,
    "tuple[int, str]": lambda x: type(x[0]) is int and type(x[1]) is str and len(x) == 2,
    "tuple[int, ...]": lambda x: type(x) is tuple and all(type(each) is int for each in x),
    "set[int]": lambda x: type(x) is set,
    "frozenset[tuple[int, str]]": lambda x: type(x) is frozenset,
    "dict[str, list[int]]": lambda x: type(x) is dict and all(type(each) is list for each in x.values()),
    "Mapping[str, int]": lambda x: type(x) is dict,
    "Literal['a', 2]": lambda x: x in ("a", 2),
}


@pytest.mark.parametrize("text", FITS)
def test_values_fit_their_type(text: str) -> None:
    found = examples([Given(name="x", type=text)], 15)
    assert found and all(FITS[text](each["x"]) for each in found)
    assert all(plain(each["x"]) == plain(each["x"]) for each in found)


def test_the_same_each_time_and_several_names_at_once() -> None:
    wanted = [Given(name="x", type="list[int]"), Given(name="y", type="str")]
    found = examples(wanted, 20)
    assert found == examples(wanted, 20) and len(found) == 20
    assert all(each.keys() == {"x", "y"} for each in found)
    assert len({repr(each) for each in found}) > 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        "object",
        "Any",
        "Account",
        "'int'",
        "list",
        "list[Account]",
        "list[int, str]",
        "dict[int]",
        "tuple[()]",
        "Optional[int, str]",
        "Callable[[int], int]",
        "Literal[object()]",
        "Literal[...]",
        "set[list[int]]",
        "dict[list[int], int]",
        "frozenset[dict[str, int]]",
        "set[tuple[list[int], int]]",
        "int |",
        "int; str",
        "__import__('os')",
        "(" * 500,
        "-" * 50_000 + "1",
    ],
)
def test_types_nothing_can_be_made_of(text: str) -> None:
    with pytest.raises(BadInput):
        strategy(text)
