"""A server says that it is here, and that it goes."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.event_data import event_problems
from schemas.events import Event
from schemas.roles import ROLES
from state.database import pool
from tools import agents
from tools.agents import NO_WORKFLOW, Presence, heartbeat
from tools.events import recorded


def told_by(instance: str) -> list[Event]:
    return [event for event in recorded(NO_WORKFLOW) if event.correlation_id == instance]


def test_a_server_registers_every_role_and_takes_it_back() -> None:
    presence = Presence()
    presence.start()
    presence.stop()
    told = told_by(presence.instance)
    expected = [("agent.registered", role) for role in ROLES] + [("agent.offline", role) for role in ROLES]
    assert [(event.event_type, event.data["role"]) for event in told] == expected
    assert [event_problems(event.model_dump(mode="json")) for event in told] == [[]] * len(told)


def test_a_minute_has_one_heartbeat_and_a_day_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime.now(UTC).replace(second=30)
    for moment in (noon, noon + timedelta(seconds=20), noon + timedelta(seconds=60)):
        monkeypatch.setattr(agents, "datetime", type("Clock", (), {"now": staticmethod(lambda _, at=moment: at)}))
        heartbeat("one")
    assert [event.data["roles"] for event in told_by("one")] == [list(ROLES)] * 2
    with pool().connection() as connection:
        connection.execute(
            """update events set "timestamp" = now() - interval '25 hours' where correlation_id = 'one'"""
        )
    heartbeat("two")
    assert told_by("one") == []
    (left,) = told_by("two")
    assert event_problems(left.model_dump(mode="json")) == []
