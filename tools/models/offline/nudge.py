"""Hand-made bars: values changed until a rule holds, fails, or stands exactly on its limit."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice, product

from tools.models.offline.interpreter import holds, value_of
from tools.models.offline.names import is_cross, leaves, operand_name, pattern_column
from tools.models.offline.spec import All, Comparison, Number, PatternHit, Rule, Some

Bar = dict[str, float]


def satisfied(rule: Rule, bar: Bar) -> Bar:
    """The bar, changed so that the rule holds, where that can be."""
    for _ in range(3):
        if holds(rule, bar):
            return bar
        match rule:
            case All(rules=rules):
                for part in rules:
                    bar = satisfied(part, bar)
            case Some(rules=rules):
                bar = satisfied(rules[0], bar)
            case Comparison() | PatternHit():
                bar = _set(rule, bar, True)
    return bar


def violated(rule: Rule, bar: Bar) -> Bar:
    """The bar, changed so that no part of the rule holds, where that can be."""
    for _ in range(3):
        for leaf in leaves(rule):
            if holds(leaf, bar):
                bar = _set(leaf, bar, False)
    return bar


def ways(rule: Rule) -> Iterator[tuple[Comparison | PatternHit, ...]]:
    """Each set of parts that suffices for the rule."""
    match rule:
        case All(rules=rules):
            yield from (tuple(chain(*found)) for found in product(*map(ways, rules)))
        case Some(rules=rules):
            yield from chain(*map(ways, rules))
        case Comparison() | PatternHit():
            yield (rule,)


def bars_for(rule: Rule, no: Bar) -> list[Bar]:
    """A bar for each way (of the first thirty), on which nothing else holds."""
    return [satisfied(All(way), no) for way in islice(ways(rule), 30)]


def where_it_decides(rule: Rule, leaf: Comparison | PatternHit, bars: Sequence[Bar]) -> Bar:
    """The first bar on which the whole rule stands and falls with this part; the first of all when there is none."""
    return next((bar for bar in bars if _decides(rule, leaf, bar)), bars[0])


def _decides(rule: Rule, leaf: Comparison | PatternHit, bar: Bar) -> bool:
    return holds(rule, satisfied(leaf, bar)) and not holds(rule, violated(leaf, bar))


def at_the_limit(leaf: Comparison, bar: Bar) -> Iterator[tuple[str, Bar]]:
    """Each way to stand below, on and above the limit, with a name for it."""
    steps = (("below", -1e-6), ("on", 0.0), ("above", 1e-6))
    name, _ = _sides(leaf)
    for where, step in steps:
        moved = _place(leaf, bar, step)
        if not is_cross(leaf):
            yield f"{name} {where} its limit", moved
            continue
        for before, step_before in steps:
            yield f"{name} {before} then {where} its limit", _place(leaf, moved, step_before, "_previous")


def _set(leaf: Comparison | PatternHit, bar: Bar, wanted: bool) -> Bar:
    if isinstance(leaf, PatternHit):
        return {**bar, pattern_column(leaf.pattern): float(wanted)}
    _, flipped = _sides(leaf)
    up = (leaf.operator in (">", ">=", "crosses_above")) == wanted
    step = 0.01 if up != flipped else -0.01
    if is_cross(leaf) and wanted:
        bar = _place(leaf, bar, -step, "_previous")
    return _place(leaf, bar, step)


def _sides(leaf: Comparison) -> tuple[str, bool]:
    """Name of the operand to move, and whether it stands on the right."""
    flipped = isinstance(leaf.left, Number)
    moved = leaf.right if flipped else leaf.left
    if isinstance(moved, Number):
        raise ValueError("a comparison of two numbers decides nothing")
    return operand_name(moved), flipped


def _place(leaf: Comparison, bar: Bar, step: float, suffix: str = "") -> Bar:
    """The moved operand, put a step (part of the limit's size) away from the other one."""
    name, flipped = _sides(leaf)
    limit = value_of(leaf.left if flipped else leaf.right, bar, suffix)
    return {**bar, name + suffix: limit + step * max(abs(limit), 1.0)}
