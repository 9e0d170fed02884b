"""Conditions, and how `and`, `or`, commas, `either` and brackets bind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tools.models.offline import phrases
from tools.models.offline.comparisons import Comparisons
from tools.models.offline.cursor import Cursor
from tools.models.offline.phrases import Role
from tools.models.offline.spec import All, Rule, Some

Word = Literal["and", "or"]
DEEPEST = 20
_LOOSEST_FIRST: tuple[tuple[Word, bool], ...] = (("or", True), ("and", True), ("or", False), ("and", False))
_WORDS: dict[str, Word] = {"and": "and", "&": "and", "+": "and", "plus": "and", "or": "or"}


@dataclass(frozen=True)
class Connector:
    """What stands before a condition: `word` is None for a list's comma, `weak` with a comma, `when` or `while`."""

    word: Word | None = None
    weak: bool = True


@dataclass
class Group:
    """Conditions with the connectors before them."""

    rules: list[Rule] = field(default_factory=list)
    connectors: list[Connector] = field(default_factory=list)

    def rule(self, default: Word) -> Rule:
        """All of them as one."""
        return combined(self.rules, settled(self.connectors[1:], default))


def joined(word: Word, rules: Sequence[Rule]) -> Rule:
    """One rule of many; parts of the same kind are spliced in."""
    kind = All if word == "and" else Some
    parts = [part for rule in rules for part in (rule.rules if isinstance(rule, kind) else (rule,))]
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def combined(rules: Sequence[Rule], connectors: Sequence[Connector], level: int = 0) -> Rule:
    """One rule of many; `connectors[i]` stands before `rules[i + 1]`."""
    if len(rules) == 1:
        return rules[0]
    word, weak = _LOOSEST_FIRST[level]
    cuts = [place for place, found in enumerate(connectors, 1) if found == Connector(word, weak)]
    ends = zip([0, *cuts], [*cuts, len(rules)], strict=True)
    return joined(word, [combined(rules[a:b], connectors[a : b - 1], level + 1) for a, b in ends])


def settled(connectors: Sequence[Connector], default: Word) -> list[Connector]:
    """Every comma of a list takes the word, and the strength, with which the list ends."""
    after, found = Connector(default), []
    for connector in reversed(connectors):
        after = connector if connector.word else after
        found.append(after)
    return found[::-1]


class Rules:
    """Reads chains of conditions, with stops between them."""

    def __init__(self, cursor: Cursor, comparisons: Comparisons, at_head: Callable[[], bool]) -> None:
        self.cursor, self.comparisons, self.at_head = cursor, comparisons, at_head
        self.depth = 0

    def chain(self, role: Role, stop: Callable[[], bool], within_either: bool = False) -> Rule | None:
        """Conditions up to the end of the clause; None when there are only stops.

        Stops part the conditions of an exit into groups, any of which suffices.
        """
        default = self._default(role)
        groups = [Group()]
        connector: Connector | None = Connector()
        while connector:
            start = self.cursor.place
            if stop():
                self._refuse_both(groups[-1], connector, start)
                groups.append(Group())
            elif rule := self._item(role, stop):
                groups[-1].rules.append(rule)
                groups[-1].connectors.append(connector)
            connector = self._next(start, within_either)
        found = [group.rule(default) for group in groups if group.rules]
        if role == "entry" and len(found) > 1:
            self.cursor.fail(start, "a stop stands between the conditions of the entry")
        return joined("or", found) if found else None

    def _refuse_both(self, group: Group, connector: Connector, start: int) -> None:
        """`RSI is above 70 and after 10 days`: whether one suffices is not clear."""
        if group.rules and connector == Connector("and", weak=False) and self.cursor.tokens[start].text == "after":
            self.cursor.fail(start, "say “or after …”; any exit suffices")

    def _default(self, role: Role) -> Word:
        """The word for a list without one, after `all of the following:` and the like."""
        start = self.cursor.place
        self.cursor.skip(phrases.ITEM_INTROS)
        word = self.cursor.take(phrases.LISTS)
        if word:
            self.cursor.skip(phrases.LIST_ENDS)
        else:
            self.cursor.place = start
        return word or ("and" if role == "entry" else "or")

    def _next(self, item: int, within_either: bool) -> Connector | None:
        """The connector to the next condition; None, without moving, at the end of the clause."""
        self.skip_data_words()
        start = self.cursor.place
        connector = self._connector()
        if connector is None and not (self.cursor.at_boundary() or self.at_head()):
            return Connector("and") if self.cursor.peek() in phrases.STOP_INTROS else None
        over = self.at_head() or not self.cursor.peek() or self.cursor.peek() in phrases.BREAKS
        if over or (within_either and connector == Connector("and", weak=True)):
            self.cursor.place = start
            return None
        return connector

    def skip_data_words(self) -> None:
        """Words that only say on which data, such as `on daily GOOG bars`."""
        start = self.cursor.place
        self.cursor.skip(phrases.DATA_WORDS)
        if not (self.cursor.at_boundary() or self.at_head()):
            self.cursor.place = start

    def _connector(self) -> Connector | None:
        start = self.cursor.place
        self.cursor.skip(phrases.BREAKS)
        if self.cursor.place > start and self.cursor.peek() not in (",", *_WORDS):
            self.cursor.place = start
            return None
        comma = self.cursor.skip(frozenset(","))
        word = self._word()
        together = bool(self.cursor.take(phrases.TOGETHER))
        when = bool(self.cursor.take(phrases.CONDITIONAL))
        if not (comma or word or together or when):
            return None
        tied = together or (when and not comma)
        return Connector(word or ("and" if tied else None), weak=comma or together or when)

    def _word(self) -> Word | None:
        word = _WORDS.get(self.cursor.peek())
        self.cursor.place += word is not None
        return word

    def _item(self, role: Role, stop: Callable[[], bool]) -> Rule | None:
        self.cursor.skip(phrases.ITEM_INTROS)
        self.depth += 1
        if self.depth > DEEPEST:
            self.cursor.fail(self.cursor.place, "it is nested too deeply")
        rule = self._nested(role, stop)
        self.depth -= 1
        return rule

    def _nested(self, role: Role, stop: Callable[[], bool]) -> Rule | None:
        opening = self.cursor.peek()
        if opening not in ("(", "either", "both"):
            return self.comparisons.rule(role)
        self.cursor.place += 1
        if opening == "either":
            return self.chain(role, stop, within_either=True)
        return self._bracket(role) if opening == "(" else self._both(role, stop)

    def _bracket(self, role: Role) -> Rule | None:
        start = self.cursor.place
        rule = self.chain(role, lambda: False)
        if self.cursor.peek() != ")":
            self.cursor.fail(start, "a bracket is not closed")
        self.cursor.place += 1
        return rule

    def _both(self, role: Role, stop: Callable[[], bool]) -> Rule | None:
        start, first = self.cursor.place, self._item(role, stop)
        connector = self._connector()
        second = self._item(role, stop) if connector and connector.word == "and" else None
        if first is None or second is None:
            self.cursor.fail(start)
        return joined("and", [first, second])
