"""Text → tokens: words in their base forms, numbers, signs. Only white space, quotes and noise words are dropped."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tools.models.offline import phrases

_BULLET = re.compile(r"(?:\A|\n)[^\S\n]*[-*•–][^\S\n]+|(?:\A|[.:;,\n][^\S\n]*\n)[^\S\n]*[0-9]{1,2}[.)][^\S\n]+")
_TOKEN = re.compile(
    r"""
    (?P<number> (?<![^\s(,:=<>~$]) [-\N{MINUS SIGN}](?=\$?\.?[0-9])\$?
                (?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)?(?:\.[0-9]+)?
              | (?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)? | \.[0-9]+ )
              (?P<percent> \s?%(?![kKdD]\b) )?
  | (?P<slash> (?<=[0-9])[-\N{EN DASH}](?=[0-9]) )
  | (?P<times> (?<=[0-9])[xX](?=\W|[0-9]|\Z|[aA][tT][rR]) | × )
  | (?P<word> %[kKdD]\b | [^\W\d_]+ )(?: ['’](?:s|d|m|ll|ve|re)\b )?
  | (?P<silent> \s | ["“”„'’`\#$] | \*\* | [-–—](?!\s*[0-9.]|\Z) | (?<=\w)-(?=\w) )
  | (?P<sign> <= | >= | =< | => | [≤≥] | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_SIGNS = {"≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}


@dataclass(frozen=True)
class Token:
    """A word, number or sign; `start` and `end` are its place in the text, noise before it included."""

    text: str
    start: int
    end: int
    number: float | None = None
    percent: bool = False


def _vocabulary() -> frozenset[str]:
    """Every word of every phrase."""
    found: set[str] = set()
    for value in vars(phrases).values():
        if isinstance(value, dict):
            found |= {word for phrase in value if isinstance(phrase, tuple) for word in phrase}
        elif isinstance(value, frozenset):
            found |= value
    return frozenset(found)


VOCABULARY = _vocabulary()


def tokens(text: str) -> list[Token]:
    """All tokens of a text; a list's bullets become commas."""
    plain = _BULLET.sub(lambda match: ",".rjust(len(match.group())), text)
    kept: list[Token] = []
    noise_from: int | None = None
    for token in _raw(plain):
        start = token.start if noise_from is None else noise_from
        noise_from = start if token.text in phrases.NOISE else None
        if noise_from is None:
            kept.append(replace(token, start=start))
    return kept


def base_form(word: str) -> str:
    """The word without its inflection, where the base form is one of the vocabulary."""
    lower = word.casefold()
    if lower in phrases.IRREGULAR:
        return phrases.IRREGULAR[lower]
    forms = [lower]
    for suffix in ("s", "es", "ed", "d", "ing"):
        stem = lower.removesuffix(suffix)
        if stem != lower:
            forms += [stem, f"{stem}e"]
    return next((form for form in forms if form in VOCABULARY), lower)


def _raw(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if digits := match["number"]:
            value = float(re.sub("[,$]", "", digits).replace("\N{MINUS SIGN}", "-"))
            yield Token(digits, start, end, value, match["percent"] is not None)
        elif word := match["word"]:
            text_form = base_form(word)
            yield Token(text_form, start, end, phrases.NUMBER_WORDS.get(text_form))
        elif not match["silent"]:
            sign = "x" if match["times"] else "/" if match["slash"] else match.group()
            yield Token(_SIGNS.get(sign, sign), start, end)
