"""What real runs in the sandbox have reported, stored with `$ROOT` for the folder that a tree has there."""

import json
from pathlib import Path
from typing import Any

from tools.evidence.tracebacks import ROOT

SAMPLES = Path(__file__).parent / "samples"


def sampled(name: str) -> Any:
    """The content of a sample, as it was reported."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8").replace("$ROOT/", ROOT))
