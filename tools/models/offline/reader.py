"""Reads an English request as a strategy; what it cannot read it names."""

from schemas.errors import UnreadableRequest
from tools.models.offline import phrases
from tools.models.offline.comparisons import Comparisons
from tools.models.offline.cursor import HINT, Cursor, unreadable
from tools.models.offline.describe import describe, describe_exits, describe_rule, indicators_of, patterns_of
from tools.models.offline.heads import Head, Heads
from tools.models.offline.operands import Operands
from tools.models.offline.phrases import Role
from tools.models.offline.rules import Rules, joined
from tools.models.offline.spec import Exits, Rule, StrategySpec
from tools.models.offline.stops import Stops

__all__ = ["describe", "describe_exits", "describe_rule", "indicators_of", "patterns_of", "read_strategy"]

LONGEST_REQUEST = 5000


def read_strategy(text: str) -> StrategySpec:
    """The strategy that a request asks for. Raises UnreadableRequest, which names the fragment it could not read."""
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
        self.found: dict[Role, list[Rule]] = {"entry": [], "exit": []}

    def strategy(self) -> StrategySpec:
        """The whole of it."""
        while self.cursor.peek():
            self._clause_or_framing()
        ...
