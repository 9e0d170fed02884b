"""Stops, targets and time limits: the exits that are not rules."""

from typing import Any

from tools.models.offline import phrases
from tools.models.offline.checks import distance_problem
from tools.models.offline.cursor import Cursor
from tools.models.offline.operands import Operands
from tools.models.offline.phrases import Side, StopName
from tools.models.offline.spec import Distance, Exits, Rule


class Stops:
    """Reads stops and keeps them; each may be given once."""

    def __init__(self, cursor: Cursor, operands: Operands, side: Side) -> None:
        self.cursor, self.operands, self.side = cursor, operands, side
        self.found: dict[str, Any] = {}

    def exits(self, signal: Rule | None) -> Exits:
        """All that was read."""
        return Exits(signal=signal, **self.found)

    def read(self, in_entry: bool) -> bool:
        """Reads the stop that stands here; False when none does. A bare `after 5 days` is none in an entry."""
        start = self.cursor.place
        for form in (self._distance_first, self._name_first, lambda: self._time(in_entry)):
            self.cursor.place = start
            self._skip(phrases.STOP_INTROS)
            if form():
                self._end(start)
                return True
        self.cursor.place = start
        return False

    def _skip(self, words: frozenset[str]) -> None:
        """Moves past the words, but not into `at most`."""
        while self.cursor.peek() in words and self.cursor.peek(1) != "most":
            self.cursor.place += 1

    def _end(self, start: int) -> None:
        self.cursor.take(phrases.LAST_TAILS)
        if not self.cursor.at_boundary():
            self.cursor.fail(start)

    def _keep(self, name: str, value: object, start: int) -> None:
        if name in self.found:
            self.cursor.fail(start, "it is given twice")
        self.found[name] = value

    def _distance_first(self) -> bool:
        """`5% stop loss`, `trailing 2 ATR stop`."""
        start, trailing = self.cursor.place, self.cursor.peek() == "trailing"
        self.cursor.place += trailing
        measured = self._distance()
        name = self.cursor.take(phrases.STOPS) if measured else None
        if not measured or not name:
            return False
        self._stop("trailing_stop" if trailing else name, *measured, start)
        return True

    def _name_first(self) -> bool:
        """`stop loss of 5%`, `take profit (10%)`."""
        start = self.cursor.place
        name = self.cursor.take(phrases.STOPS)
        self.cursor.skip(phrases.LINKS)
        bracket = self.cursor.peek() == "("
        self.cursor.place += bracket
        measured = self._distance() if name else None
        if not measured or not name or (bracket and self.cursor.peek() != ")"):
            return False
        self.cursor.place += bracket
        self._stop(name, *measured, start)
        return True

    def _stop(self, name: StopName, distance: Distance, atr_period: int | None, start: int) -> None:
        self.cursor.take(phrases.PEAK_TAILS if name == "trailing_stop" else phrases.ENTRY_TAILS)
        if problem := distance_problem(name, distance, self.side):
            self.cursor.fail(start, problem)
        if atr_period and self.found.setdefault("atr_period", atr_period) != atr_period:
            self.cursor.fail(start, "all stops must use one ATR")
        self._keep(name, distance, start)

    def _distance(self) -> tuple[Distance, int | None] | None:
        """`5%`, `2 ATR`, `2 x ATR(20)`, `ATR(20) x 2`, and the period of the ATR."""
        if period := self._atr():
            amount = self._amount() if self.cursor.take(phrases.TIMES) else None
            return None if amount is None else (Distance(amount, "atr"), period)
        token, amount = self.cursor.token(), self._amount()
        if token is None or amount is None:
            return None
        if token.percent or self.cursor.take(phrases.PERCENT):
            return Distance(amount, "percent"), None
        self.cursor.take(phrases.TIMES)
        period = self._atr()
        return (Distance(amount, "atr"), period) if period else None

    def _amount(self) -> float | None:
        token = self.cursor.token()
        self.cursor.place += token is not None
        return token.number if token else None

    def _atr(self) -> int | None:
        """The period of the ATR that stands here."""
        start = self.cursor.place
        line = self.operands.line() if self._names_atr() else None
        if line is None or line.indicator.kind != "atr":
            self.cursor.place = start
            return None
        return int(line.indicator.params[0])

    def _names_atr(self) -> bool:
        """Whether an ATR begins here: by its name, or by a period such as `14-day` before it."""
        token = self.cursor.token()
        with_period = token and token.number is not None and self.cursor.peek(1) in phrases.UNITS
        return self._is_atr(2 if with_period else 0)

    def _is_atr(self, ahead: int) -> bool:
        return self.cursor.peek(ahead) == "atr" or self.cursor.peek(ahead + 1) == "true"

    def _time(self, in_entry: bool) -> bool:
        """`after 10 bars`, `hold at most 10 days`, `10-day time exit`."""
        start = self.cursor.place
        held = self.cursor.take(phrases.HOLDS)
        self._skip(phrases.HOLD_LINKS)
        limited = self.cursor.take(phrases.LIMITS)
        after = "after" in [token.text for token in self.cursor.tokens[start : self.cursor.place]]
        bars = self._bars()
        held = held or (bars is not None and self.cursor.take(phrases.HOLDS))
        limited = limited or (bars is not None and self.cursor.take(phrases.LIMITS))
        if bars is None or not (held or limited or after) or (in_entry and not held and not self.found):
            return False
        if bars < 1 or bars != int(bars):
            self.cursor.fail(start, "it must be a whole number of at least 1 bar")
        self._keep("max_bars", int(bars), start)
        return True

    def _bars(self) -> float | None:
        bars = self._amount()
        self.cursor.place += self.cursor.peek() == "trading"
        unit = self.cursor.peek() in phrases.UNITS
        self.cursor.place += unit
        return bars if unit else None
