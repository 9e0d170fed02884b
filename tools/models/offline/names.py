"""What things are called in the generated code: columns, modules, numbers."""

from collections.abc import Iterator

from tools.models.offline.spec import (
    All,
    Comparison,
    Exits,
    Indicator,
    Line,
    Number,
    Operand,
    PatternHit,
    Price,
    Rule,
    Some,
)


def number(value: float) -> str:
    """Source text of a constant, as short as it can be."""
    return repr(int(value)) if float(value).is_integer() else repr(float(value))


def column_prefix(indicator: Indicator) -> str:
    """E.g. `rsi_14`, `bbands_20_2_5`."""
    return "_".join([indicator.kind, *(number(value).replace(".", "_") for value in indicator.params)])


def column(indicator: Indicator, line: str) -> str:
    """E.g. `rsi_14`, `macd_12_26_9_signal`."""
    prefix = column_prefix(indicator)
    return prefix if line == "value" else f"{prefix}_{line}"


def pattern_column(pattern: str) -> str:
    """Column and function of a pattern."""
    return f"is_{pattern}"


def operand_name(operand: Line | Price) -> str:
    """Column of an indicator's line, or the price's field."""
    return operand.field if isinstance(operand, Price) else column(operand.indicator, operand.line)


def leaves(rule: Rule | None) -> Iterator[Comparison | PatternHit]:
    """Comparisons and patterns, from left to right."""
    match rule:
        case All(rules=rules) | Some(rules=rules):
            for part in rules:
                yield from leaves(part)
        case Comparison() | PatternHit():
            yield rule
        case None:
            return


def is_cross(leaf: Comparison | PatternHit) -> bool:
    """Whether it looks at the bar before, too."""
    return isinstance(leaf, Comparison) and leaf.operator in ("crosses_above", "crosses_below")


def series_of(leaf: Comparison | PatternHit) -> list[Line | Price]:
    """Its operands that change from bar to bar."""
    operands: list[Operand] = [leaf.left, leaf.right] if isinstance(leaf, Comparison) else []
    return [operand for operand in operands if not isinstance(operand, Number)]


def crossing(*rules: Rule | None) -> list[Line | Price]:
    """Operands whose value on the bar before is needed, each once, in the order of their names."""
    found = {
        operand_name(op): op for rule in rules for leaf in leaves(rule) if is_cross(leaf) for op in series_of(leaf)
    }
    return [found[name] for name in sorted(found)]


def needed(rule: Rule | None) -> list[str]:
    """Names that the rule looks up among the indicators, each once, sorted."""
    found = set()
    for leaf in leaves(rule):
        if isinstance(leaf, PatternHit):
            found.add(pattern_column(leaf.pattern))
        found |= {operand_name(operand) for operand in series_of(leaf) if not isinstance(operand, Price)}
        if is_cross(leaf):
            found |= {f"{operand_name(operand)}_previous" for operand in series_of(leaf)}
    return sorted(found)


def needed_to_leave(exits: Exits) -> list[str]:
    """Names that the exits look up among the indicators."""
    trailing = exits.trailing_stop
    atr = {f"atr_{exits.atr_period}"} if trailing and trailing.unit == "atr" else set()
    return sorted({*needed(exits.signal), *atr})
