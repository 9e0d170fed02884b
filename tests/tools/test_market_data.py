"""Real daily prices that come with a dependency."""

import io

import pandas as pd
from pandas.testing import assert_frame_equal

from tools.market_data import COLUMNS, daily_bars, sample_csv


def test_bars_are_real_days() -> None:
    bars = daily_bars()
    assert tuple(bars.columns) == COLUMNS and len(bars) == 1047
    assert bars["Date"].is_monotonic_increasing and bars["Date"].is_unique
    assert (bars["Low"] <= bars[["Open", "Close"]].min(axis=1)).all()
    assert (bars["High"] >= bars[["Open", "Close"]].max(axis=1)).all()
    assert (bars["Volume"] > 0).all() and not bars.isna().any().any()


def test_csv_holds_the_same_bars() -> None:
    assert sample_csv().startswith(b"Date,Open,High,Low,Close,Volume\n2004-08-19,100.0,104.06,")
    read = pd.read_csv(io.BytesIO(sample_csv()), parse_dates=["Date"])
    assert_frame_equal(read, daily_bars(), check_dtype=False)
