"""Rules as Python expressions over `bar` and `indicators`."""

from collections.abc import Iterable

from tools.models.offline.names import is_cross, leaves, number, operand_name, pattern_column
from tools.models.offline.spec import All, Comparison, Number, Operand, PatternHit, Price, Rule, Some

_HELPERS = {"crosses_above": "_crosses_above", "crosses_below": "_crosses_below"}


def expression(rule: Rule, operands: int = 8) -> str:
    """Source text that is true when the rule holds.

    More than so many operands are listed in `all` and `any` in place of `and` and `or`: the function stays simple.
    """
    return _source(rule, listed=len(list(leaves(rule))) > operands)


def _source(rule: Rule, listed: bool) -> str:
    match rule:
        case All(rules=rules):
            return _listed("all", rules) if listed else _joined(" and ", rules)
        case Some(rules=rules):
            return _listed("any", rules) if listed else _joined(" or ", rules)
        case PatternHit(pattern=pattern):
            return f'indicators["{pattern_column(pattern)}"] == 1'
        case Comparison():
            return _cross(rule) if is_cross(rule) else _compare(rule)


def helpers(rule: Rule | None) -> set[str]:
    """Helper functions that the expression calls."""
    return {_HELPERS[leaf.operator] for leaf in leaves(rule) if isinstance(leaf, Comparison) and _needs_helper(leaf)}


def _joined(word: str, rules: Iterable[Rule]) -> str:
    parts = ((rule, _source(rule, listed=False)) for rule in rules)
    return word.join(f"({text})" if isinstance(rule, All | Some) else text for rule, text in parts)


def _listed(function: str, rules: Iterable[Rule]) -> str:
    return f"{function}([{', '.join(_source(rule, listed=True) for rule in rules)}])"


def _compare(rule: Comparison) -> str:
    return f"{_now(rule.left)} {rule.operator} {_now(rule.right)}"


def _needs_helper(leaf: Comparison) -> bool:
    return is_cross(leaf) and not isinstance(leaf.left, Number) and not isinstance(leaf.right, Number)


def _cross(rule: Comparison) -> str:
    """A line across a number is one chained comparison; two lines need a helper."""
    above = rule.operator == "crosses_above"
    match rule.left, rule.right:
        case left, Number(value=limit):
            was, now = ("<=", "<") if above else (">=", ">")
            return f"{_before(left)} {was} {number(limit)} {now} {_now(left)}"
        case Number(value=limit), right:
            now, was = ("<", "<=") if above else (">", ">=")
            return f"{_now(right)} {now} {number(limit)} {was} {_before(right)}"
        case left, right:
            return f'{_HELPERS[rule.operator]}(bar, indicators, "{_name(left)}", "{_name(right)}")'


def _now(operand: Operand) -> str:
    match operand:
        case Number(value=value):
            return number(value)
        case Price(field=field):
            return f'bar["{field.capitalize()}"]'
        case line:
            return f'indicators["{operand_name(line)}"]'


def _before(operand: Operand) -> str:
    return f'indicators["{_name(operand)}_previous"]'


def _name(operand: Operand) -> str:
    if isinstance(operand, Number):
        raise ValueError("a comparison of two numbers decides nothing")
    return operand_name(operand)
