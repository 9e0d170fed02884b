"""Contract: what a todo's code must offer. The same facts as `contract_schema.json`."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from schemas.base import Document, Timestamp

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Parameter(Document):
    """One parameter of an interface."""

    name: str
    type: str
    default: str | None = None
    """The default as source text; None means none."""
    description: str | None = None
    required: bool = True


class Interface(Document):
    """One thing that the code must offer under exactly this name."""

    name: Identifier
    type: Literal["function", "class", "method", "api_endpoint"]
    signature: str
    """Source text of the definition line, e.g. `def f(x: int, y: int = 2) -> int`."""
    parameters: list[Parameter] = []
    return_type: str | None = None
    raises: list[str] = []
    docstring: str | None = None
    decorators: list[str] = []
    module: str | None = None
    """Path of the file that holds it, e.g. `indicators/rsi.py`."""
    rules: str | None = None
    """Warm-up, seeding or rounding, where values depend on one."""


class ModelField(Document):
    """One field of a data model."""

    name: str
    type: str
    required: bool = True
    default: Any = None
    validators: list[str] = []


class DataModel(Document):
    """A data type that the code must define."""

    name: Identifier
    type: Literal["pydantic", "dataclass", "typed_dict", "class"]
    fields: list[ModelField]
    base_classes: list[str] = []


class Example(Document):
    """A use of the interfaces."""

    description: str
    code: str
    input: Any = None
    expected_output: Any = None


class TestSkeleton(Document):
    """A test file to start from."""

    __test__ = False

    filename: str
    content: str


class Contract(Document):
    """The interfaces of one todo."""

    contract_id: Annotated[str, StringConstraints(pattern=r"^contract_[a-zA-Z0-9_-]+$")]
    task_id: str
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")]
    created_at: Timestamp | None = None
    interfaces: Annotated[list[Interface], Field(min_length=1)]
    data_models: list[DataModel] = []
    examples: list[Example] = []
    test_skeletons: list[TestSkeleton] = []
    documentation: str | None = None
    """Markdown."""
