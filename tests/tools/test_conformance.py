from typing import Any

import pytest

from schemas.contract import Contract
from tools.conformance import conformance

NOTHING = [{"name": "unasked", "type": "api_endpoint", "signature": "GET /"}]


def contract(*interfaces: dict[str, Any], models: list[dict[str, Any]] | None = None) -> Contract:
    return Contract.model_validate(
        {
            "contract_id": "contract_a",
            "task_id": "a",
            "version": "1.0.0",
            "interfaces": list(interfaces) or NOTHING,
            "data_models": models or [],
        }
    )


def function(*parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "f", "type": "function", "signature": "def f(...)", "parameters": list(parameters), **more}


def model(*fields: str) -> list[dict[str, Any]]:
    return [{"name": "M", "type": "class", "fields": [{"name": name, "type": "int"} for name in fields]}]


def rules(source: str, agreed: Contract, path: str = "m.py") -> list[tuple[str, str, int]]:
    return [(found.rule, found.path, found.line) for found in conformance({path: source}, agreed)]


X = {"name": "x", "type": "int"}
Y = {"name": "y", "type": "int", "default": "2", "required": False}


@pytest.mark.parametrize(
    ("source", "interface", "rule"),
    [
        ("def g(): ...", function(X), "missing-interface"),
        ("f = 1\n\ndef g(): ...", function(X, module="other.py"), "missing-interface"),
        ("class f: ...", function(X), "kind"),
        ("def f(x: int): ...", function(X, type="class"), "kind"),
        ("def f(z: int): ...", function(X), "parameter-name"),
        ("def f(x: int, z: int = 1): ...", function(X), "parameter-name"),
        ("def f(y: int = 2, x: int = 1): ...", function(X, Y), "parameter-name"),
        ("def f(y: int = 3): ...", function(Y), "default"),
        ("def f(y: int): ...", function(Y), "default"),
        ("def f(x: int = 1): ...", function(X), "default"),
        ("def f(x: int): ...", function({**X, "required": False}), "default"),
        ("def f(x: str): ...", function(X), "type"),
        ("def f(x): ...", function(X), "type"),
        ("def f(x: int) -> str: ...", function(X, return_type="int"), "return-type"),
        ("def f(x: int): ...", function(X, return_type="int"), "return-type"),
        ("class A:\n  def g(self): ...", function(X, type="method"), "missing-interface"),
        ("def f(a): ...", function(signature="def f(b):"), "parameter-name"),
        ("def f(a: str): ...", function(signature="def f(a: int) -> int"), "type"),
    ],
)
def test_each_difference_is_named(source: str, interface: dict[str, Any], rule: str) -> None:
    assert [found[0] for found in rules(source, contract(interface))] == [rule]


@pytest.mark.parametrize(
    ("annotation", "wanted"),
    [
        ("Optional[int]", "int | None"),
        ("None | int", "Optional[int]"),
        ("typing.Union[int, str, None]", "str | int | None"),
        ("'pd.Series'", "pandas.Series"),
        ("List['pd.Series']", "list[Series]"),
        ("Dict[str, List[int]]", "dict[str, list[int]]"),
        ("Literal['a', 'b']", 'Literal["a", "b"]'),
        ("Callable[[int], None]", "collections.abc.Callable[[int], None]"),
        ("float", "Any"),
        ("float", "a number above zero"),
    ],
)
def test_the_same_type_in_other_words_is_no_difference(annotation: str, wanted: str) -> None:
    source = f"def f(x: {annotation}) -> {annotation}: ..."
    assert rules(source, contract(function({**X, "type": wanted}, return_type=wanted))) == []


@pytest.mark.parametrize(
    ("default", "wanted"), [("'sma'", '"sma"'), ("'sma'", "sma"), ("'two words'", "two words"), ("-1", "- 1")]
)
def test_the_same_default_in_other_words_is_no_difference(default: str, wanted: str) -> None:
    assert rules(f"def f(y: int = {default}): ...", contract(function({**Y, "default": wanted}))) == []


@pytest.mark.parametrize(
    "source",
    [
        "async def f(x: int): ...",
        "@lru_cache\ndef f(x: int): ...",
        "if True:\n  def f(x: int): ...",
        "from elsewhere import f",
        "f = partial(g, 1)",
    ],
)
def test_what_is_there_or_cannot_be_read_is_not_accused(source: str) -> None:
    assert rules(source, contract(function(X))) == []


def test_stars_and_receivers_are_not_parameters() -> None:
    wanted = function({**X, "name": "self", "type": "Any"}, X, {"name": "*rest", "type": "Any"}, type="method")
    assert rules("class A:\n  def f(self, x: int, *rest): ...", contract(wanted)) == []
    spelled = function(signature="def f(x, *, y=2, **more)")
    assert rules("def f(x, *, y=2, **more): ...", contract(spelled)) == []


@pytest.mark.parametrize(
    "signature", ["def f(x", "f takes numbers", "(" * 5_000, "def f(x=" + "-" * 50_000 + "1)", "\0"]
)
def test_a_signature_that_is_no_definition_asks_for_no_parameters(signature: str) -> None:
    assert rules("def f(a, b): ...", contract(function(signature=signature))) == []


def test_an_interface_is_found_in_any_file_unless_the_contract_names_one() -> None:
    sources = {"a.py": "x = 1", "b.py": "\n\ndef f(x: str): ..."}
    assert [(found.rule, found.path, found.line) for found in conformance(sources, contract(function(X)))] == [
        ("type", "b.py", 3)
    ]
    missing = conformance(sources, contract(function(X, module="a.py")))
    assert [(found.rule, found.path, found.line) for found in missing] == [("missing-interface", "a.py", 1)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class M:\n  a: int", [("data-model", "m.py", 1)]),
        ("class N: ...", [("data-model", "m.py", 1)] * 1),
        ("class M(BaseModel):\n  a: int\n  b: int = 1", []),
        ("class M:\n  def __init__(self):\n    self.a, self.b = 1, 2", []),
        ("class B:\n  a: int\n\nclass M(B):\n  b: int", []),
        ("class M(Unread):\n  a: int", []),
        ("class M(M):\n  a: int", []),
        ("M = namedtuple('M', 'a b')", []),
    ],
)
def test_data_models_have_their_fields(source: str, expected: list[tuple[str, str, int]]) -> None:
    assert rules(source, contract(models=model("a", "b"))) == expected


def test_long_expressions_are_read_to_their_end() -> None:
    long = " + ".join(["1"] * 95)
    assert rules(f"def f(y: int = {long}): ...", contract(function({**Y, "default": long}))) == []
    endless = "+".join(["1"] * 2_000)
    assert [found[0] for found in rules("def f(y: int = 2): ...", contract(function({**Y, "default": endless})))] == [
        "default"
    ]


def raising(*names: str, **more: Any) -> Contract:
    return contract(function(X, raises=list(names), **more))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(x: int):\n  return x", "ValueError"),
        ("\n\ndef f(x: int):\n  y = x\n  return not y", "ParseError"),
        ("import json\n\ndef f(x: int):\n  return json.loads(x)", "ParseError"),
        ("def f(x: int):\n  raise ValueError", "ParseError: when it cannot be read"),
        ("class E(Exception): ...\n\ndef f(x: int):\n  return g(x)", "E"),
        ("class E(Exception): ...\n\ndef f(x: int):\n  raise ValueError", "E"),
        ("class E(Exception): ...\nclass D(ValueError): ...\n\ndef f(x: int):\n  raise D(x)", "errors.E"),
        ("def f(x: int):\n  return json.loads(x)", "JSONDecodeError"),
    ],
)
def test_an_exception_that_cannot_be_raised_is_named(source: str, name: str) -> None:
    line = next(number for number, text in enumerate(source.splitlines(), 1) if text.startswith("def"))
    assert rules(source, raising(name)) == [("raises", "m.py", line)]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(x: int):\n  raise ValueError('x')", "ValueError"),
        ("def f(x: int):\n  raise ValueError", "Exception"),
        ("class E(ValueError): ...\n\ndef f(x: int):\n  raise E", "ValueError"),
        ("def f(x: int):\n  return {}[x]", "KeyError"),
        ("def f(x: int):\n  return 1 / x", "ZeroDivisionError"),
        ("def f(x: int):\n  return x.y", "AttributeError"),
        ("def f(x: int):\n  return [a for a in x]", "TypeError"),
        ("def f(x: int):\n  a, b = x\n  return a", "ValueError"),
        ("def f(x: int):\n  return helper(x)", "ValueError"),
        ("def check(x):\n  raise ValueError\n\ndef f(x: int):\n  return x", "ValueError"),
        ("class E(Exception): ...\n\ndef f(x: int):\n  raise E('x') from None", "E"),
        ("class E(Exception): ...\nclass D(E): ...\n\ndef f(x: int):\n  raise D", "E"),
        ("class E(Exception): ...\n\ndef f(x: int):\n  error = E()\n  raise error", "E"),
        ("from errors import E\n\ndef f(x: int):\n  raise E", "shop.errors.E"),
        ("from errors import E as E\n\ndef f(x: int):\n  return g(x)", "E"),
        ("import errors\n\ndef f(x: int):\n  raise errors.E", "E"),
        ("import json\n\ndef f(x: int):\n  return json.loads(x)", "JSONDecodeError"),
        ("from decimal import Decimal\n\ndef f(x: int):\n  return Decimal(x)", "decimal.InvalidOperation"),
        ("E = make()\n\ndef f(x: int):\n  return g(x)", "E"),
        ("def f(x: int):\n  return x", "whatever goes wrong below"),
        ("from elsewhere import f", "ValueError"),
    ],
)
def test_an_exception_that_may_be_raised_is_not_missed(source: str, name: str) -> None:
    assert rules(source, raising(name)) == []


def test_an_exception_may_stand_in_another_file() -> None:
    sources = {"m.py": "from errors import E\n\ndef f(x: int):\n  raise E", "errors.py": "class E(ValueError): ..."}
    assert conformance(sources, raising("E", "ValueError")) == []
    assert [each.rule for each in conformance(sources, raising("D"))] == ["raises"]


def made(source: str, *parameters: dict[str, Any]) -> list[tuple[str, str, int]]:
    return rules(source, contract({"name": "C", "type": "class", "signature": "C(x)", "parameters": list(parameters)}))


DATA = "from dataclasses import dataclass, field\n@dataclass(frozen=True)\nclass C:\n"


@pytest.mark.parametrize(
    ("source", "rule", "line"),
    [
        ("class C:\n  def __init__(self, z: int): ...", "parameter-name", 1),
        ("class C:\n  def __init__(self, x: int): ...", "parameter-name", 1),
        ("class C:\n  def __init__(self, y: int = 2, x: int = 1): ...", "parameter-name", 1),
        ("\nclass C:\n  def __init__(self, x: str, y: int = 2): ...", "type", 2),
        ("class C:\n  def __init__(self, x: int, y: int = 3): ...", "default", 1),
        ("class C: ...", "parameter-name", 1),
        (DATA + "  x: int", "parameter-name", 2),
        (DATA + "  x: int\n  z: int = 2", "parameter-name", 2),
        (DATA + "  x: int\n  y: str = ''", "type", 5),
        ("class C(NamedTuple):\n  x: int", "parameter-name", 1),
        ("class C(BaseModel):\n  x: int\n  z: int", "parameter-name", 1),
    ],
)
def test_constructors_take_their_parameters(source: str, rule: str, line: int) -> None:
    assert made(source, X, Y) == [(rule, "m.py", line)]


@pytest.mark.parametrize(
    "source",
    [
        "class C:\n  def __init__(self, x: int, y: int = 2) -> None: ...",
        "class C(B):\n  def __init__(self, *args, **kwargs): ...",
        DATA + "  x: int\n  y: int = 2",
        DATA + "  x: int\n  y: int = field(default=2)\n  n = 1\n  def f(self): ...",
        DATA + "  x: int\n  y: int = 2\n  z: int = field(init=False)",
        DATA + "  x: int\n  y: int = 2\n  K: ClassVar[int] = 2",
        "class C(NamedTuple):\n  x: int\n  y: int = 2",
        "class C(BaseModel):\n  y: int = 2\n  x: int",
        "class C(Base): ...",
        "class C(Exception): ...",
        "class C(metaclass=M): ...",
        "class C:\n  def __new__(cls, x, y): ...",
        "@define\nclass C:\n  a: int",
        "@dataclass\nclass C(Base):\n  y: int = 2",
        "C = namedtuple('C', 'x y')",
    ],
)
def test_a_constructor_that_fits_or_cannot_be_read_is_not_accused(source: str) -> None:
    assert made(source, X, Y) == []
