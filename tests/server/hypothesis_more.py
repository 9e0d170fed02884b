"""For schemathesis: hypothesis-jsonschema 0.23 draws by `more()`, which hypothesis 6.170 no longer has."""

from types import SimpleNamespace
from typing import Any

import hypothesis_jsonschema._from_schema as from_schema
from hypothesis.internal.conjecture.utils import many


class Elements(many):
    """Drawn one after the other."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._elements = iter(self.__enter__())

    def more(self) -> bool:
        """Whether there is another."""
        return next(self._elements, "ended") is None


vars(from_schema)["cu"] = SimpleNamespace(many=Elements)
