"""Tests that share something costly stay on one worker."""

import pytest

pytestmark = pytest.mark.xdist_group("together")


def test_the_scheduler_is_told_the_group(request: pytest.FixtureRequest) -> None:
    grouped = request.config.getoption("loadgroup", False)
    assert request.node.nodeid.endswith("@together") is grouped
