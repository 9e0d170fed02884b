"""Text from outside, made fit for a terminal: nothing in it can move the cursor, colour or reorder the screen."""

from rich.text import Text

from graph.wording import duration as duration
from graph.wording import money as money
from graph.wording import visible


def harmless(value: object, style: str = "") -> Text:
    """The text as it is, line breaks and tabs included; what a terminal would obey is shown as a sign."""
    return Text(visible(str(value)), style=style)


def one_line(value: object, style: str = "") -> Text:
    """The same with every white space a single blank, cut with an ellipsis where it does not fit."""
    text = harmless(" ".join(str(value).split()), style)
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
