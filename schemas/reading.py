"""JSON documents from files that may hold anything."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.errors import BadInput, InvalidDocument
from schemas.faults import path

MAX_BYTES = 10_000_000
MAX_DEPTH = 100


def read_document(file: Path) -> Any:
    """The JSON document in a file. Raises BadInput for what cannot be read, InvalidDocument for a key given twice."""
    name = repr(str(file))
    if not file.is_file():
        raise BadInput(f"{name} is not a file." if file.exists() else f"There is no file {name}.")
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise BadInput(f"{name} is larger than {MAX_BYTES // 1_000_000} MB.")
    return _from_json(content, name)


def _from_json(content: bytes, name: str) -> Any:
    try:
        document = json.loads(
            content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text.") from error
    except RecursionError as error:
        raise BadInput(f"{name} is nested too deeply.") from error
    except InvalidDocument:
        raise
    except ValueError as error:
        raise BadInput(f"{name} is not JSON: {error}.") from error
    if _depth(document) > MAX_DEPTH:
        raise BadInput(f"{name} is nested more than {MAX_DEPTH} levels deep.")
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise InvalidDocument("The document", [f"{path((key,))}: is given twice in one object" for key in twice])
    return dict(pairs)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits[:40])


def _depth(document: Any) -> int:
    depth, level = 0, [document]
    while level:
        depth += 1
        level = [child for value in level for child in _children(value)]
    return depth


def _children(value: Any) -> Sequence[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()
