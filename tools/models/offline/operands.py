"""Prices, numbers and lines of indicators, in the forms in which people write them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite

from tools.models.offline import phrases
from tools.models.offline.catalogue import INDICATORS
from tools.models.offline.checks import indicator_problem
from tools.models.offline.cursor import Cursor
from tools.models.offline.spec import Indicator, IndicatorKind, Line, Number, Operand, Price

_SEVERAL = ("macd", "stoch")
"""Their parameters may stand in a row without brackets."""


@dataclass
class Draft:
    """An indicator of which not all words are read."""

    kind: IndicatorKind | None = None
    line: str | None = None
    numbers: list[float] = field(default_factory=list)
    deviations: float | None = None

    @property
    def given(self) -> tuple[float, ...]:
        """The parameters read, in their order."""
        return (*self.numbers, *([] if self.deviations is None else [self.deviations]))


class Operands:
    """Reads operands; remembers parameters, so that a later bare `RSI` is the one named before."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.named: dict[IndicatorKind, set[Indicator]] = {}

    def operand(self) -> Operand | None:
        """The operand that stands here; None when none does."""
        found = self.line() or self._price() or self._number()
        if found:
            self.cursor.skip(phrases.LEVEL_NOUNS)
        return found

    def line(self) -> Line | None:
        """A line of an indicator, with its parameters before or behind."""
        start, draft = self.cursor.place, self._draft()
        if draft.kind is None:
            return None
        indicator = self._indicator(draft.kind, draft.given, start)
        return Line(indicator, draft.line or phrases.ONE_LINE.get(draft.kind) or self._only_line(draft.kind, start))

    def mention(self) -> IndicatorKind | None:
        """The kind of an indicator that is only named; its parameters, where given, are remembered."""
        start, draft = self.cursor.place, self._draft()
        if draft.kind and draft.given:
            self._indicator(draft.kind, draft.given, start)
        return draft.kind

    def _draft(self) -> Draft:
        """All words of the indicator that stands here; its kind is None, and the place unmoved, when none does."""
        start, draft = self.cursor.place, Draft()
        while self._piece(draft):
            pass
        if draft.kind is None:
            self.cursor.place = start
        return draft

    def _only_line(self, kind: IndicatorKind, start: int) -> str:
        lines = INDICATORS[kind].lines
        if len(lines) > 1:
            self.cursor.fail(start, f"say which line: {', '.join(lines)}")
        return lines[0]

    def _indicator(self, kind: IndicatorKind, given: Sequence[float], start: int) -> Indicator:
        if not given:
            return self._named_before(kind, start)
        if len(given) not in phrases.COUNTS.get(kind, (1,)):
            self.cursor.fail(start, f"{kind.upper()} takes {', '.join(INDICATORS[kind].parameters)}")
        indicator = Indicator(kind, (*given, *list(INDICATORS[kind].parameters.values())[len(given) :]))
        if problem := indicator_problem(indicator):
            self.cursor.fail(start, problem)
        self.named.setdefault(kind, set()).add(indicator)
        return indicator

    def _named_before(self, kind: IndicatorKind, start: int) -> Indicator:
        named = self.named.get(kind, set())
        if len(named) > 1 or (not named and kind in ("sma", "ema")):
            self.cursor.fail(start, "say its period")
        return next(iter(named), Indicator(kind, tuple(INDICATORS[kind].parameters.values())))

    def _piece(self, draft: Draft) -> bool:
        """Reads a name, numbers or a list in brackets into the draft; False when none of them stands here."""
        start = self.cursor.place
        if self._name(draft) or self._bare_numbers(draft) or self._bracketed(draft):
            return True
        if draft.kind and self.cursor.skip(phrases.GLUE) and (self._bare_numbers(draft) or self._bracketed(draft)):
            return True
        self.cursor.place = start
        if draft.kind and self.cursor.skip(frozenset({"of"})) and self._name(draft):
            return True
        self.cursor.place = start
        return False

    def _name(self, draft: Draft) -> bool:
        start = self.cursor.place
        kind, line = self.cursor.take(phrases.INDICATORS) or (None, None)
        if kind is None or draft.kind not in (None, kind) or (line and draft.line not in (None, line)):
            self.cursor.place = start
            return False
        draft.kind, draft.line = kind, line or draft.line
        return True

    def _bare_numbers(self, draft: Draft) -> bool:
        """Numbers without brackets: `50-day`, `12/26/9`, `20 days and 2.5 standard deviations`."""
        if draft.given or not self._parameter(draft):
            return False
        while self._on_to_another(draft):
            self._parameter(draft)
        return True

    def _on_to_another(self, draft: Draft) -> bool:
        start, slash = self.cursor.place, self.cursor.peek() == "/"
        self.cursor.place += self.cursor.peek() in (",", "/", "and")
        if slash or draft.kind in _SEVERAL or self._is_deviation():
            token = self.cursor.token()
            if token and token.number is not None and not token.percent:
                return True
        self.cursor.place = start
        return False

    def _is_deviation(self) -> bool:
        start = self.cursor.place
        self.cursor.place += 1
        found = self.cursor.take(phrases.DEVIATIONS)
        self.cursor.place = start
        return bool(found)

    def _bracketed(self, draft: Draft) -> bool:
        """`(12, 26, 9)`, `(period 14)`, `(20 days, 2 std)`."""
        start = self.cursor.place
        if not draft.kind or draft.given or self.cursor.peek() != "(":
            return False
        trial = Draft(draft.kind)
        self.cursor.place += 1
        while self._parameter(trial):
            self.cursor.skip(frozenset({",", "/", "and"}))
        if not trial.given or self.cursor.peek() != ")":
            self.cursor.place = start
            return False
        self.cursor.place += 1
        draft.numbers, draft.deviations = trial.numbers, trial.deviations
        return True

    def _parameter(self, draft: Draft) -> bool:
        start = self.cursor.place
        self.cursor.skip(phrases.PERIOD_WORDS)
        token = self.cursor.token()
        if token is None or token.number is None or token.percent or draft.deviations is not None:
            self.cursor.place = start
            return False
        self.cursor.place += 1
        if self.cursor.take(phrases.DEVIATIONS):
            draft.deviations = token.number
        else:
            self.cursor.skip(phrases.UNITS)
            draft.numbers.append(token.number)
        return True

    def _price(self) -> Price | None:
        name = self.cursor.take(phrases.PRICES)
        return Price(name) if name else None

    def _number(self) -> Number | None:
        token = self.cursor.token()
        if token is None or token.number is None or not isfinite(token.number):
            return None
        self.cursor.place += 1
        return Number(token.number * self._multiplier())

    def _multiplier(self) -> float:
        factor = phrases.MULTIPLIERS.get(self.cursor.peek(), 1)
        self.cursor.place += factor != 1
        return factor
