"""Text from outside cannot act on a terminal."""

import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, Group

from terminal.text import duration, harmless, money, one_line


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    shown = harmless(text).plain
    assert all(sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp") for sign in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
    assert len(shown) == len(text)


@given(st.text(), st.integers(10, 60))
def test_one_line_stays_one_line(text: str, width: int) -> None:
    console = Console(width=width, file=io.StringIO(), record=True, force_terminal=True)
    console.print(Group(one_line(text)))
    assert console.export_text().count("\n") == 1


def test_readable_text_is_left_alone() -> None:
    text = "שלום, 你好, 👩‍💻 [red]not red[/red] :smile: a\nb"
    console = Console(width=80, file=io.StringIO(), record=True)
    console.print(harmless(text))
    assert console.export_text() == f"{text}\n"
    assert harmless("\x1b[2J\x07\x7f\r").plain == "␛[2J␇␡␍"


def test_duration_and_money() -> None:
    assert [duration(seconds) for seconds in (-1, 0, 59.6, 61, 3661)] == ["0:00", "0:00", "1:00", "1:01", "1:01:01"]
    assert [money(usd) for usd in (0, 0.01234, 12.345)] == ["$0.0000", "$0.0123", "$12.35"]
