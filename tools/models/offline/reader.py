"""Reads an English request as a strategy; what it cannot read it names."""

from schemas.errors import UnreadableRequest
from tools.models.offline import phrases
from tools.models.offline.comparisons import Comparisons
from tools.models.offline.cursor import HINT, Cursor, unreadable
from tools.models.offline.describe import describe, describe_exits, describe_rule, indicators_of, patterns_of
from tools.models.offline.heads import Head, Heads
from tools.models.offline.names import leaves, series_of
from tools.models.offline.operands import Operands
from tools.models.offline.phrases import Role, Side
from tools.models.offline.rules import Rules, joined
from tools.models.offline.spec import IndicatorKind, Line, Rule, StrategySpec
from tools.models.offline.stops import Stops

__all__ = ["describe", "describe_exits", "describe_rule", "indicators_of", "patterns_of", "read_strategy"]

LONGEST_REQUEST = 5000
_SIDES: dict[str, Side] = {"long": "long", "short": "short"}


def read_strategy(text: str) -> StrategySpec:
    """The strategy that a request asks for. Raises UnreadableRequest, which names the fragment it could not read."""
    if not text.strip():
        raise UnreadableRequest("The request is empty.", HINT)
    if len(text) > LONGEST_REQUEST:
        raise unreadable(text, f"it is longer than {LONGEST_REQUEST} characters")
    return Reader(text).strategy()


class Reader:
    """Reads one request, clause by clause."""

    def __init__(self, text: str) -> None:
        self.cursor = Cursor(text)
        self.heads = Heads(self.cursor)
        self.side = self.heads.side() or self._side_of_framing()
        self.operands = Operands(self.cursor)
        self.stops = Stops(self.cursor, self.operands, self.side)
        self.comparisons = Comparisons(self.cursor, self.operands, self.side)
        self.rules = Rules(self.cursor, self.comparisons, self.heads.stands_here)
        self.mentioned: dict[IndicatorKind, int] = {}
        self.found: dict[Role, list[Rule]] = {"entry": [], "exit": []}

    def strategy(self) -> StrategySpec:
        """The whole of it."""
        while self.cursor.peek():
            self._part()
        self._refuse_unused()
        entries, signals, text = self.found["entry"], self.found["exit"], self.cursor.text
        if not entries:
            raise unreadable(text, "an entry is missing: say when to buy or to go short" if self._leaves() else "")
        if not self._leaves():
            raise unreadable(text, "an exit is missing: say when to leave, by a signal, a stop, a target or a time")
        return StrategySpec(
            self.side, joined("or", entries), self.stops.exits(joined("or", signals) if signals else None)
        )

    def _leaves(self) -> bool:
        return bool(self.found["exit"] or self.stops.found)

    def _side_of_framing(self) -> Side:
        """E.g. `a short strategy`; long when nothing is said."""
        places = range(len(self.cursor.tokens))
        return next((side for place in places if (side := self._side_at(place))), "long")

    def _side_at(self, place: int) -> Side | None:
        word, *following = [token.text for token in self.cursor.tokens[place : place + 2]]
        side = _SIDES.get(word)
        return None if following == ["term"] else side

    def _part(self) -> None:
        """A clause, a stop, or words that only frame them."""
        self.cursor.skip(phrases.SEPARATORS)
        self.rules.skip_data_words()
        start = self.cursor.place
        if head := self.heads.take():
            self._clause(head, start)
        elif self.cursor.peek() in phrases.ITEM_INTROS and (head := self.heads.ahead()):
            self._condition_first(head, start)
        elif not self.stops.read(in_entry=False):
            self._framing(start)

    def _clause(self, head: Head, start: int) -> None:
        self._check_side(head, start)
        rule = self._chain(head.role)
        stopped = any(token.number is not None for token in self.cursor.tokens[start : self.cursor.place])
        if rule:
            self._keep(head, rule)
        elif head.role == "entry" or not stopped:
            self.cursor.fail(start, "say when")

    def _chain(self, role: Role) -> Rule | None:
        self.comparisons.last = None
        self.cursor.skip(frozenset(","))
        if not self.cursor.peek() or self.cursor.peek() in phrases.BREAKS or self.heads.stands_here():
            return None
        rule = self.rules.chain(role, lambda: self.stops.read(in_entry=role == "entry"))
        ended = self.cursor.at_boundary() or self.heads.stands_here() or self.stops.read(in_entry=False)
        return rule if ended else self.cursor.fail(self.cursor.place)

    def _condition_first(self, head: Head, start: int) -> None:
        """`When RSI is below 30, buy`."""
        self._check_side(head, start)
        rule = self._chain(head.role)
        self.cursor.skip(phrases.SEPARATORS)
        if self.heads.take() != head:
            self.cursor.fail(start)
        rules = [found for found in (rule, self._chain(head.role)) if found]
        if rules:
            self._keep(head, joined("and", rules))
        elif head.role == "entry":
            self.cursor.fail(start, "say when")

    def _check_side(self, head: Head, start: int) -> None:
        if head.side and head.side != self.side:
            self.cursor.fail(start, f"the strategy goes {self.side}, and a request has one side")

    def _keep(self, head: Head, rule: Rule) -> None:
        before = self.found[head.role]
        narrowed = [joined("and", [joined("or", before), rule])] if head.only and before else None
        self.found[head.role] = narrowed or [*before, rule]

    def _framing(self, start: int) -> None:
        """`Build me a strategy that`, `Use RSI and MACD.`"""
        while self.cursor.peek() and self.cursor.peek() not in phrases.BREAKS and not self.heads.stands_here():
            place = self.cursor.place
            if self._side_at(place) not in (None, self.side):
                self.cursor.fail(start, f"the strategy goes {self.side}")
            if mentioned := self.operands.mention():
                self.mentioned[mentioned] = place
            elif not self.cursor.skip(phrases.FRAMING if any(self.found.values()) else phrases.FRAMING | phrases.KINDS):
                self.cursor.fail(start)

    def _refuse_unused(self) -> None:
        conditions = [leaf for rules in self.found.values() for rule in rules for leaf in leaves(rule)]
        operands = [operand for condition in conditions for operand in series_of(condition)]
        used = {operand.indicator.kind for operand in operands if isinstance(operand, Line)}
        for kind, place in self.mentioned.items():
            if kind not in used and not (kind == "atr" and "atr_period" in self.stops.found):
                self.cursor.place = place
                self.cursor.fail(place, "no rule uses it")
