"""A place in the tokens, the words taken from there, and what to say when they cannot be read."""

from collections.abc import Mapping
from typing import NoReturn, TypeVar

from schemas.errors import UnreadableRequest
from tools.models.offline.lexer import Token, tokens
from tools.models.offline.phrases import BOUNDARIES

T = TypeVar("T")
LONGEST_PHRASE = 6
LONGEST_FRAGMENT = 100
HINT = (
    "It reads requests such as “Buy when RSI(14) crosses above 30 and close is above the 50-day EMA; sell when RSI is "
    "above 70, with a 2 ATR trailing stop”. A Gemini model (--model gemini-…) takes any task."
)


class Cursor:
    """A place in the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.place = 0

    def token(self, ahead: int = 0) -> Token | None:
        """The next token, or the one so many further on; None past the end."""
        place = self.place + ahead
        return self.tokens[place] if place < len(self.tokens) else None

    def peek(self, ahead: int = 0) -> str:
        """Its text; empty past the end."""
        token = self.token(ahead)
        return token.text if token else ""

    def take(self, phrases: Mapping[tuple[str, ...], T]) -> T | None:
        """The meaning of the longest phrase that stands here, after moving past it."""
        here = tuple(token.text for token in self.tokens[self.place : self.place + LONGEST_PHRASE])
        for length in range(len(here), 0, -1):
            if here[:length] in phrases:
                self.place += length
                return phrases[here[:length]]
        return None

    def skip(self, words: frozenset[str]) -> bool:
        """Moves past all tokens that are among the words; whether there was any."""
        start = self.place
        while self.peek() in words:
            self.place += 1
        return self.place > start

    def at_boundary(self) -> bool:
        """Whether a part of a sentence ends here."""
        return not self.peek() or self.peek() in BOUNDARIES

    def fragment(self, start: int) -> str:
        """The text from a token to where it was read, and on to the end of that part of the sentence."""
        end = max(start + 1, self.place)
        while end < len(self.tokens) and self.tokens[end].text not in BOUNDARIES:
            end += 1
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def fail(self, start: int, reason: str = "") -> NoReturn:
        """Raises UnreadableRequest, which names the text from the given token on."""
        start = min(start, len(self.tokens) - 1)
        raise unreadable(self.fragment(start), reason)


def unreadable(fragment: str, reason: str = "") -> UnreadableRequest:
    """The error that names a fragment."""
    why = f": {reason}." if reason else " as a trading rule."
    return UnreadableRequest(f"Cannot read “{shortened(fragment)}”{why}", HINT)


def shortened(text: str) -> str:
    """One line, not too long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_FRAGMENT else f"{line[: LONGEST_FRAGMENT - 1]}…"
