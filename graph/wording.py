"""How facts are worded for people, at the terminal and on the page; text from outside is made harmless."""

import unicodedata

_ORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SEPARATORS = frozenset("\u2028\u2029")


def visible(text: str) -> str:
    """The text as it is, line breaks and tabs included; what would move or reorder what is shown, as a sign."""
    return "".join(map(_sign, text))


def duration(seconds: float) -> str:
    """Minutes and seconds, e.g. `1:05`; with hours from an hour on."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def money(usd: float) -> str:
    """US dollars, e.g. `$0.0123`."""
    return f"${usd:.4f}" if usd < 1 else f"${usd:.2f}"


def _sign(character: str) -> str:
    code = ord(character)
    if character in "\n\t":
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    hidden = character in _ORDERING or character in _SEPARATORS or unicodedata.category(character) in ("Cc", "Cs")
    return "\ufffd" if hidden else character
