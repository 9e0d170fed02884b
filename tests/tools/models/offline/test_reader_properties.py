"""Whatever is described reads back; whatever is typed is read or refused, soon."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import UnreadableRequest
from tests.tools.models.offline.strategies import SPECS
from tools.models.offline.lexer import VOCABULARY
from tools.models.offline.reader import describe, read_strategy
from tools.models.offline.spec import StrategySpec


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SPECS)
def test_descriptions_read_back(spec: StrategySpec) -> None:
    assert read_strategy(describe(spec)) == spec


WORDS = st.one_of(
    st.sampled_from(sorted(VOCABULARY)),
    st.sampled_from(["30", "-2", "5%", "14", "(", ")", ",", ";", ".", "\n- ", "RSI", "MACD", "buy when", "sell when"]),
    st.text(max_size=5),
)


def reads_or_refuses(text: str) -> None:
    try:
        spec = read_strategy(text)
    except UnreadableRequest:
        return
    assert read_strategy(describe(spec)) == spec


@settings(deadline=2000)
@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    reads_or_refuses(text)


@settings(deadline=2000)
@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_any_words_are_read_or_refused(text: str) -> None:
    reads_or_refuses(text)


@settings(deadline=2000)
@given(st.lists(WORDS, max_size=3).map(" ".join))
def test_any_words_between_are_read_or_refused(words: str) -> None:
    reads_or_refuses(f"Buy when RSI is below 30 {words}; sell when RSI is above 70")


@pytest.mark.parametrize(
    "piece", ["(", "either ", "both ", "when ", "RSI ", "9", ", ", "20 ", "if RSI < 30 ", "- ", "\n"]
)
def test_long_texts_end_soon(piece: str) -> None:
    started = time.perf_counter()
    for text in (piece * (5000 // len(piece)), piece * 100_000):
        with pytest.raises(UnreadableRequest):
            read_strategy(text)
    assert time.perf_counter() - started < 2
