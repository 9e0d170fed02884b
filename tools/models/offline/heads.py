"""The words that begin a clause: `go long when`, `Exit:`, `and sell`."""

from dataclasses import dataclass

from tools.models.offline import phrases
from tools.models.offline.cursor import Cursor
from tools.models.offline.phrases import Role, Side


@dataclass(frozen=True)
class Head:
    """What a clause is about; `only` narrows what was said before."""

    role: Role
    side: Side | None
    only: bool = False


class Heads:
    """Finds heads in a text."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor

    def take(self) -> Head | None:
        """The head that stands here, after moving past it and to the clause's first condition."""
        start = self.cursor.place
        only = self._skip_with_only(phrases.SUBJECTS)
        verb = self.cursor.place
        found = self.cursor.take(phrases.HEADS)
        unsure = self.cursor.place == verb + 1 and self.cursor.tokens[verb].text in phrases.UNSURE_HEADS
        if found is None or (unsure and not self._is_sure()):
            self.cursor.place = start
            return None
        only = self._skip_with_only(phrases.OBJECTS) or only
        return Head(*found, only=only)

    def stands_here(self) -> bool:
        """Whether a head begins here, without moving."""
        start = self.cursor.place
        found = self.take()
        self.cursor.place = start
        return found is not None

    def ahead(self) -> Head | None:
        """The first head before the end of the sentence, without moving."""
        start = self.cursor.place
        found = None
        while found is None and self.cursor.peek() and self.cursor.peek() not in phrases.BREAKS:
            found = self.take()
            self.cursor.place += 1
        self.cursor.place = start
        return found

    def side(self) -> Side | None:
        """The side that the first entry of the text names."""
        start = self.cursor.place
        found = None
        while found is None and self.cursor.peek():
            head = self.take()
            found = head.side if head and head.role == "entry" else None
            self.cursor.place += head is None
        self.cursor.place = start
        return found

    def _skip_with_only(self, words: frozenset[str]) -> bool:
        start = self.cursor.place
        self.cursor.skip(words)
        return any(token.text == "only" for token in self.cursor.tokens[start : self.cursor.place])

    def _is_sure(self) -> bool:
        at_least = self.cursor.peek() == "at" and self.cursor.peek(1) in ("least", "most")
        return self.cursor.peek() in phrases.HEAD_SIGNS and not at_least
