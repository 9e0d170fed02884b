"""Real daily prices that come with a dependency: no network, no key.

Google (GOOG), 2004-08-19 to 2008-10-14, 1047 trading days. Source: `sample_data/goog.npz` of Matplotlib, which took it
from Yahoo Finance; distributed under Matplotlib's licence (based on the PSF's, permissive).
"""

from functools import cache

import numpy as np
import pandas as pd
from matplotlib.cbook import get_sample_data

COLUMNS = ("Date", "Open", "High", "Low", "Close", "Volume")


def daily_bars() -> pd.DataFrame:
    """Date, Open, High, Low, Close (US dollars, not adjusted) and Volume (shares), oldest first."""
    with np.load(get_sample_data("goog.npz", asfileobj=False)) as archive:
        prices = archive["price_data"]
    return pd.DataFrame({name: prices[name.lower()] for name in COLUMNS})


@cache
def sample_csv() -> bytes:
    """The same bars as CSV with ISO dates; the same bytes each time."""
    text: str = daily_bars().to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")
    return text.encode()
