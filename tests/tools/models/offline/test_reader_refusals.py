"""What cannot be read is named, in the words of the request."""

import pytest

from schemas.errors import UnreadableRequest
from tools.models.offline.reader import read_strategy

ENTRY, EXIT = "Buy when RSI < 30", "exit after 5 days"
REFUSED = [
    ("make me rich", "make me rich"),
    ("Write a web scraper", "web scraper"),
    (f"Buy when the moon is full; {EXIT}", "the moon is full"),
    (f"Buy when close is above VWAP; {EXIT}", "VWAP"),
    (f"Buy when close is above SMA(50) by 2%; {EXIT}", "by 2%"),
    (f"{ENTRY} on 5-minute bars; {EXIT}", "5-minute bars"),
    (f"{ENTRY} on AAPL data; {EXIT}", "AAPL data"),
    (f"On AAPL data, buy when RSI < 30; {EXIT}", "AAPL data"),
    (f"Buy GOOGL when RSI < 30; {EXIT}", "GOOGL"),
    (f"Buy 100 shares when RSI < 30; {EXIT}", "100 shares"),
    (f"{ENTRY}; {EXIT}; position size 10%", "position size 10%"),
    (f"{ENTRY}; {EXIT}. Follow the trend.", "Follow the trend"),
    (f"{ENTRY}; {EXIT}. Use 2x leverage.", "2x leverage"),
    (f"Use RSI and VWAP. {ENTRY}; {EXIT}", "VWAP"),
    (f"Use RSI and MACD. {ENTRY}; {EXIT}", "MACD"),
    (f"{ENTRY} and sell short when RSI > 70; {EXIT}", "sell short"),
    (f"{ENTRY}; cover after 5 days", "cover"),
    (f"{ENTRY} unless a doji forms; {EXIT}", "unless a doji forms"),
    (f"{ENTRY} within 5 bars of a hammer; {EXIT}", "within 5 bars of a hammer"),
    (f"{ENTRY} for 3 days; {EXIT}", "for 3 days"),
    (f"{ENTRY} and hope; {EXIT}", "hope"),
    (f"{ENTRY},5; {EXIT}", "5"),
    (f"Buy when RSI is not below 30; {EXIT}", "RSI is not below 30"),
    (f"Buy when RSI is rising; {EXIT}", "RSI is rising"),
    (f"Buy when RSI crosses 30; {EXIT}", "RSI crosses 30"),
    (f"Buy when RSI; {EXIT}", "RSI"),
    (f"Buy when close is above EMA; {EXIT}", "EMA"),
    (f"Buy when close is above the 20-day high; {EXIT}", "the 20-day high"),
    (f"Buy when close is above the 20 and 50 day SMA; {EXIT}", "50 day SMA"),
    (f"Buy when close is above the previous close; {EXIT}", "the previous close"),
    (f"Buy when close is above the 20-week SMA; {EXIT}", "the 20-week SMA"),
    (f"Buy when volume is above its 20-day average; {EXIT}", "volume is above its 20-day average"),
    (f"Buy when the RSI of volume is below 30; {EXIT}", "the RSI of volume"),
    (f"Buy when the SMA(20) of high is below close; {EXIT}", "SMA(20) of high"),
    (f"Buy when close is 5% below the 50-day SMA; {EXIT}", "5% below the 50-day SMA"),
    (f"Buy when close is above 5%; {EXIT}", "close is above 5%"),
    (f"Buy when RSI is above 130; {EXIT}", "RSI is above 130"),
    (f"Buy when 50 is above 30; {EXIT}", "50 is above 30"),
    (f"Buy when MACD crosses above - 0.5; {EXIT}", "- 0.5"),
    (f"Buy when (RSI < 30; {EXIT}", "RSI < 30"),
    (f"Buy when RSI < 30); {EXIT}", ")"),
    (f"Buy when RSI < {'9' * 400}; {EXIT}", "999"),
    (f"Buy when RSI(0) < 30; {EXIT}", "RSI(0)"),
    (f"Buy when RSI(2.5) < 30; {EXIT}", "RSI(2.5)"),
    (f"Buy when RSI(14, 3) < 30; {EXIT}", "RSI(14, 3)"),
    (f"Buy when close > SMA(100000); {EXIT}", "SMA(100000)"),
    (f"Buy when MACD(26, 12, 9) crosses above its signal; {EXIT}", "MACD(26, 12, 9)"),
    (f"Buy when close < the lower Bollinger band (20, 0); {EXIT}", "the lower Bollinger band (20, 0)"),
    (f"{ENTRY}; stop loss of -5%", "-5%"),
    (f"{ENTRY}; stop loss of 0 ATR", "0 ATR"),
    (f"{ENTRY}; stop loss of 150%", "150%"),
    (f"{ENTRY}; a $5 stop loss", "$5 stop loss"),
    (f"{ENTRY}; 5% stop loss and 3% stop loss", "3% stop loss"),
    (f"{ENTRY}; 2 ATR(10) stop and 3 ATR(20) target", "3 ATR(20) target"),
    (f"{ENTRY}; without a stop loss; {EXIT}", "without a stop loss"),
    (f"{ENTRY}; exit after 0 days", "0 days"),
    (f"{ENTRY}; exit after 2 weeks", "2 weeks"),
    (f"{ENTRY}; sell when RSI > 70 and after 5 days", "after 5 days"),
    (f"{ENTRY}; exit on the opposite signal", "the opposite signal"),
    (f"{ENTRY}; sell", "sell"),
    (f"Buy after 5 days; {EXIT}", "5 days"),
    ("", "empty"),
    ("\n 🚀", "🚀"),
]


@pytest.mark.parametrize(("text", "fragment"), REFUSED)
def test_refusals_name_the_fragment(text: str, fragment: str) -> None:
    with pytest.raises(UnreadableRequest) as caught:
        read_strategy(text)
    assert fragment in caught.value.message
    assert "Gemini" in caught.value.hint and "RSI(14)" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "missing"), [("Buy when RSI < 30", "an exit is missing"), ("Sell when RSI > 70", "an entry is missing")]
)
def test_what_is_missing_is_said(text: str, missing: str) -> None:
    with pytest.raises(UnreadableRequest, match=missing):
        read_strategy(text)


def test_the_fragment_is_the_users_own_text() -> None:
    with pytest.raises(UnreadableRequest, match="Cannot read “make me rich” as a trading rule"):
        read_strategy("make me rich")


def test_a_long_fragment_is_shortened() -> None:
    with pytest.raises(UnreadableRequest) as caught:
        read_strategy("abc " * 2000)
    assert len(caught.value.message) < 200
