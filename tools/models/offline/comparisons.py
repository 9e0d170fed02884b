"""One condition: a candle pattern, or a comparison with all that English leaves out of it."""

from tools.models.offline import phrases
from tools.models.offline.checks import comparison_problem, scale
from tools.models.offline.cursor import Cursor
from tools.models.offline.lexer import VOCABULARY
from tools.models.offline.operands import Operands
from tools.models.offline.phrases import Role, Side
from tools.models.offline.spec import (
    All,
    Comparison,
    Indicator,
    Line,
    Number,
    Operand,
    Operator,
    Pattern,
    PatternHit,
    Price,
    Rule,
)

_CROSSES: dict[bool, Operator] = {True: "crosses_above", False: "crosses_below"}
_REACHES: dict[bool, Operator] = {True: ">=", False: "<="}
_LIES: dict[bool, Operator] = {True: ">", False: "<"}


class Comparisons:
    """Reads single conditions; remembers what was compared last, for `it` and for what is left out."""

    def __init__(self, cursor: Cursor, operands: Operands, side: Side) -> None:
        self.cursor, self.operands, self.side = cursor, operands, side
        self.subject: Operand | None = None
        self.last: Comparison | None = None
        self.targets: dict[Operand, Operand] = {}

    def rule(self, role: Role) -> Rule:
        """The condition that stands here. Raises UnreadableRequest."""
        start = self.cursor.place
        pattern = self._pattern(role)
        if pattern:
            self.subject = self.last = None
            return PatternHit(pattern)
        rule = self._average_cross() or self._comparison(start)
        self.cursor.take(phrases.FROM_SIDE)
        return rule

    def _pattern(self, role: Role) -> Pattern | None:
        pair = self.cursor.take(phrases.TWO_WAYS)
        rising = (role == "entry") == (self.side == "long")
        pattern = pair[not rising] if pair else self.cursor.take(phrases.PATTERNS)
        if pattern is None:
            return None
        self.cursor.skip(phrases.PATTERN_NOUNS)
        self.cursor.skip(phrases.PATTERN_VERBS)
        return pattern

    def _average_cross(self) -> Rule | None:
        start, operator = self.cursor.place, self.cursor.take(phrases.AVERAGE_CROSSES)
        if operator is None:
            return None
        self.cursor.skip(phrases.PATTERN_VERBS)
        fast, slow = (Line(Indicator("sma", (period,))) for period in (50, 200))
        return self._checked(Comparison(fast, operator, slow), start)

    def _comparison(self, start: int) -> Rule:
        lean = self.cursor.take(phrases.LEANS)
        left = self._pronoun() or self.operands.operand()
        if lean:
            return self._crossover(left, lean, start)
        subject = left or self.subject
        if subject is None:
            self.cursor.fail(start)
        return (
            self._state(subject, start)
            or self._between(subject, start)
            or self._touch(subject, start)
            or self._compared(subject, start)
            or self._crossed_from_a_side(subject, start)
            or self._same_again(left, start)
        )

    def _pronoun(self) -> Operand | None:
        if self.subject and self.cursor.peek() in phrases.PRONOUNS:
            self.cursor.place += 1
            return self.subject
        return None

    def _crossover(self, left: Operand | None, operator: Operator, start: int) -> Rule:
        """`bullish MACD crossover`."""
        if left is None or not self.cursor.take(phrases.CROSS_NOUNS):
            self.cursor.fail(start)
        self.cursor.skip(phrases.PATTERN_VERBS)
        return self._checked(Comparison(left, operator, self._partner(left, start)), start)

    def _state(self, subject: Operand, start: int) -> Rule | None:
        """`is oversold`, `turns positive`."""
        place = self.cursor.place
        moves = self._copulas_and_motion()
        self.cursor.skip(phrases.COPULAS)
        state = self.cursor.take(phrases.STATES)
        if state is None:
            self.cursor.place = place
            return None
        self.cursor.skip(phrases.LEVEL_NOUNS)
        if named := self._named_level(subject, start):
            return named
        above, level = state
        target = Number(0) if level == "zero" else self._extreme(subject, above, start)
        return self._checked(Comparison(subject, (_CROSSES if moves else _LIES)[above], target), start)

    def _named_level(self, subject: Operand, start: int) -> Rule | None:
        """`(below 25)` after `oversold`."""
        place = self.cursor.place
        self.cursor.place += self.cursor.peek() == "("
        operator = self._operator() if self.cursor.place > place else None
        target = self.operands.operand() if operator else None
        if operator is None or target is None or self.cursor.peek() != ")":
            self.cursor.place = place
            return None
        self.cursor.place += 1
        return self._checked(Comparison(subject, operator, target), start)

    def _copulas_and_motion(self) -> bool:
        self.cursor.skip(phrases.COPULAS)
        return self.cursor.skip(phrases.MOTIONS)

    def _extreme(self, subject: Operand, above: bool, start: int) -> Number:
        kind = subject.indicator.kind if isinstance(subject, Line) else ""
        if kind not in phrases.EXTREMES:
            self.cursor.fail(start)
        return Number(phrases.EXTREMES[kind][above])

    def _between(self, subject: Operand, start: int) -> Rule | None:
        place = self.cursor.place
        self.cursor.skip(phrases.COPULAS)
        if not self.cursor.take(phrases.BETWEEN):
            self.cursor.place = place
            return None
        low = self.operands.operand()
        high = self.operands.operand() if self.cursor.take(phrases.AND) else None
        if low is None or high is None:
            self.cursor.fail(start)
        return All(
            (
                self._checked(Comparison(subject, ">=", low), start),
                self._checked(Comparison(subject, "<=", high), start),
            )
        )

    def _touch(self, subject: Operand, start: int) -> Rule | None:
        """`touches the lower band`, `reaches 70`: from which side is seen from the target."""
        place = self.cursor.place
        self.cursor.skip(phrases.COPULAS)
        if not self.cursor.take(phrases.TOUCHES):
            self.cursor.place = place
            return None
        match target := self._target(subject, start):
            case Line(line="upper" | "lower" as line):
                above = line == "upper"
            case Number(value=value) if not isinstance(subject, Number) and scale(subject) == "0 to 100":
                above = value >= 50
            case Line() if subject == Price("close"):
                return self._touched(target, start)
            case _:
                self.cursor.fail(start, "say from which side")
        return self._checked(Comparison(subject, _REACHES[above], target), start)

    def _touched(self, line: Operand, start: int) -> Rule:
        """The bar reaches from below the line to above it."""
        low, high = Comparison(Price("low"), "<=", line), Comparison(Price("high"), ">=", line)
        return All((self._checked(low, start), self._checked(high, start)))

    def _compared(self, subject: Operand, start: int) -> Rule | None:
        operator = self._operator()
        if operator is None:
            return None
        if self.cursor.at_boundary() and (operator in _CROSSES.values() or subject in self.targets):
            return self._checked(Comparison(subject, operator, self._partner(subject, start)), start)
        return self._checked(Comparison(subject, operator, self._target(subject, start)), start)

    def _crossed_from_a_side(self, subject: Operand, start: int) -> Rule | None:
        """`crosses the 50-day EMA from below`."""
        place = self.cursor.place
        target = self.operands.operand() if self.cursor.take(phrases.CROSS_NOUNS) else None
        operator = self.cursor.take(phrases.SIDES) if target else None
        if target is None or operator is None:
            self.cursor.place = place
            return None
        return self._checked(Comparison(subject, operator, target), start)

    def _operator(self) -> Operator | None:
        start = self.cursor.place
        self.cursor.skip(phrases.COPULAS)
        operator = self.cursor.take(phrases.CROSSOVERS) or self.cursor.take(phrases.COMPARATIVES)
        if operator:
            return operator
        if self.cursor.skip(phrases.MOTIONS):
            self.cursor.skip(phrases.AGAIN)
            operator = self.cursor.take(phrases.DIRECTIONS)
        if operator is None:
            self.cursor.place = start
        return operator

    def _target(self, subject: Operand, start: int) -> Operand:
        place = self.cursor.place
        found = self._level(subject, start) or self.operands.operand()
        if found is None and self.cursor.at_boundary():
            self.cursor.fail(start)
        if found is None or (isinstance(found, Number) and not self._ends()):
            self.cursor.fail(place)
        return found

    def _level(self, subject: Operand, start: int) -> Number | None:
        """`the oversold level`."""
        state = self.cursor.take(phrases.STATES)
        if state is None:
            return None
        self.cursor.skip(phrases.LEVEL_NOUNS)
        return Number(0) if state[1] == "zero" else self._extreme(subject, state[0], start)

    def _ends(self) -> bool:
        """Whether a number is followed by what may follow one."""
        return self.cursor.at_boundary() or self.cursor.peek() in VOCABULARY - phrases.UNITS

    def _partner(self, subject: Operand, start: int) -> Operand:
        """What is crossed when nothing is named: what it was compared with before, else its usual partner."""
        if subject in self.targets:
            return self.targets[subject]
        match subject:
            case Line(indicator=indicator, line="macd"):
                return Line(indicator, "signal")
            case Line(indicator=indicator, line="k"):
                return Line(indicator, "d")
        self.cursor.fail(start, "say what it crosses")

    def _same_again(self, left: Operand | None, start: int) -> Rule:
        """`close is above the 20-day SMA and the 50-day SMA`: the second lacks a subject and an operator."""
        tokens = self.cursor.tokens
        if left is None or self.last is None:
            self.cursor.fail(start)
        unsure = isinstance(left, Number) and (tokens[start - 1].text == "," or tokens[start].percent)
        if unsure or isinstance(left, Number) != isinstance(self.last.right, Number) or not self.cursor.at_boundary():
            self.cursor.fail(start)
        return self._checked(Comparison(self.last.left, self.last.operator, left), start)

    def _checked(self, comparison: Comparison, start: int) -> Comparison:
        problem = comparison_problem(comparison)
        here = self.cursor.tokens[start : self.cursor.place]
        left = comparison.left
        if any(token.percent for token in here) and (isinstance(left, Number) or scale(left) != "0 to 100"):
            problem = problem or "say of what it is a percentage"
        if problem:
            self.cursor.fail(start, problem)
        self.subject, self.last = comparison.left, comparison
        self.targets[comparison.left] = comparison.right
        return comparison
