"""Does what came back equal what was expected? Over plain data only: no code under test has a say."""

import math
from collections.abc import Sequence
from decimal import Decimal

from tools.verdict.values import Plain, number

SMALLEST_TOLERANCE = 1e-9
"""Of floats, absolutely or relatively: the order of additions is no fault."""


def same(expected: Plain, actual: Plain, tolerance: float = 0.0) -> bool:
    """Equality by value; NaN equals NaN, True does not equal 1, a list does not equal a tuple."""
    try:
        return _same(expected, actual, tolerance)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        return False


def _same(expected: Plain, actual: Plain, tolerance: float) -> bool:
    if not isinstance(expected, dict) or not isinstance(actual, dict):
        return expected is actual
    wanted, found = number(expected), number(actual)
    if wanted is not None or found is not None:
        return wanted is not None and found is not None and _close(wanted, found, tolerance)
    match expected, actual:
        case ({"set": left}, {"set": right}):
            return _unordered(left, right, tolerance)
        case ({"dict": left}, {"dict": right}) | ({"frame": left}, {"frame": right}):
            pairs = _unordered([{"tuple": pair} for pair in left], [{"tuple": pair} for pair in right], tolerance)
            return pairs and _index(expected, actual)
        case ({"object": name, "fields": left}, {"object": other, "fields": right}):
            found_fields = dict(right)
            return name == other and all(_same(each, found_fields[field], tolerance) for field, each in left)
        case ({"complex": left}, {"complex": right}):
            return all(_close(float.fromhex(a), float.fromhex(b), tolerance) for a, b in zip(left, right, strict=True))
        case ({"tuple": left}, {"object": _, "fields": right, "tuple": True}):
            return _ordered(left, [each for _, each in right], tolerance)
        case ({"time": left}, {"time": right}):
            return _moment(left) == _moment(right)
    left, right = _sequence(expected), _sequence(actual)
    if left is not None and right is not None:
        alike = expected.keys() == actual.keys() or "tuple" not in {*expected, *actual}
        return alike and _ordered(left, right, tolerance) and _index(expected, actual)
    return bool(expected == actual)


def _close(wanted: float | int | Decimal, found: float | int | Decimal, tolerance: float) -> bool:
    if wanted != wanted or found != found:  # NaN; math.isnan takes no large int
        return wanted != wanted and found != found
    exact = isinstance(wanted, Decimal) or (isinstance(wanted, int) and isinstance(found, int))
    if wanted == found or (exact and not tolerance):
        return wanted == found
    first, second = float(wanted), float(found)
    limit = max(tolerance, SMALLEST_TOLERANCE)
    return math.isclose(first, second, rel_tol=limit, abs_tol=limit)


def _sequence(value: Plain) -> Sequence[Plain] | None:
    """The items of what has an order."""
    match value:
        case {"list": [*items]} | {"tuple": [*items]} | {"series": [*items]} | {"array": {"list": [*items]}}:
            return items
    return None


def _ordered(left: Sequence[Plain], right: Sequence[Plain], tolerance: float) -> bool:
    return len(left) == len(right) and all(_same(a, b, tolerance) for a, b in zip(left, right, strict=True))


def _unordered(left: Sequence[Plain], right: Sequence[Plain], tolerance: float) -> bool:
    """The same things however often, in whatever order."""
    if len(left) != len(right):
        return False
    rest = list(right)
    for item in left:
        place = next((at for at, other in enumerate(rest) if _same(item, other, tolerance)), None)
        if place is None:
            return False
        del rest[place]
    return not rest


def _index(expected: Plain, actual: Plain) -> bool:
    """The index counts where one is expected."""
    wanted = expected.get("index")
    return wanted is None or _ordered(wanted, actual.get("index") or [], 0.0)


def _moment(text: str) -> str:
    """A day and its midnight are the same moment."""
    return text.removesuffix("T00:00:00")
