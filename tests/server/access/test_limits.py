"""How often and how much: per caller, in Redis and without it."""

import asyncio
from collections.abc import Iterator

import pytest

from schemas.errors import TooManyRequests
from server.access.limits import Limits
from tests.conftest import Configure, RedisServer
from tests.server.access.conftest import Enter, bearing

STATUS = "/orchestrator/status/w"


def test_a_caller_that_asks_too_often_waits(enter: Enter, held: dict[str, str], configure: Configure) -> None:
    configure(RATE_LIMIT="3/minute")
    client = enter()
    answers = [client.get(STATUS, headers=bearing(held["reader"])) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert answers[3].json()["type"] == "about:blank#too-many-requests"
    assert client.get(STATUS, headers=bearing(held["operator"])).status_code == 200


def test_wrong_tokens_of_one_address_are_soon_heard_no_more(enter: Enter, held: dict[str, str]) -> None:
    client = enter(address="203.0.113.9")
    wrong = [client.get(STATUS, headers=bearing(f"aidev_{number}")).status_code for number in range(31)]
    assert wrong == [401] * 30 + [429]
    assert client.post("/app/login", data={"token": "aidev_31"}).status_code == 429
    assert client.get(STATUS, headers=bearing(held["reader"])).status_code == 200


def test_whoever_sits_at_this_machine_is_not_counted(enter: Enter, configure: Configure) -> None:
    configure(AUTH="loopback", RATE_LIMIT="1/hour")
    client = enter()
    assert {client.get(STATUS).status_code for _ in range(3)} == {200}


def counted(*limits: Limits) -> Iterator[bool]:
    """Whether each of them lets one more request of the same caller through."""

    async def count(one: Limits) -> bool:
        try:
            await one.count("somebody")
        except TooManyRequests:
            return False
        return True

    async def all_of_them() -> list[bool]:
        found = [await count(one) for one in limits]
        for one in set(limits):
            await one._shared.storage.bridge.storage.aclose()  # type: ignore[union-attr]
        return found

    yield from asyncio.run(all_of_them())


def test_servers_with_a_redis_count_together(redis_server: RedisServer, configure: Configure) -> None:
    configure(RATE_LIMIT="2/minute")
    assert list(counted(Limits(), Limits(), Limits())) == [True, True, False]


def test_without_redis_each_server_counts_for_itself(redis_server: RedisServer, configure: Configure) -> None:
    configure(RATE_LIMIT="2/minute")
    redis_server.stop()
    one, other = Limits(), Limits()
    assert list(counted(one, other, one, one)) == [True, True, True, False]


@pytest.mark.parametrize("path", ["/threads/search", "/orchestrator/execute", "/runs"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(
    enter: Enter, held: dict[str, str], configure: Configure, path: str, chunked: bool
) -> None:
    configure(MAX_BODY_BYTES=1000)
    body = b'{"number": 1, "text": "' + b"x" * 2000 + b'"}'
    content = (body[at : at + 100] for at in range(0, len(body), 100)) if chunked else body
    headers = bearing(held["operator"]) | {"content-type": "application/json"}
    answer = enter().post(path, content=content, headers=headers)
    assert answer.status_code == 413
    assert answer.json()["type"] == "about:blank#content-too-large"
    assert "content-security-policy" in answer.headers


def test_a_body_within_the_limit_arrives(enter: Enter, held: dict[str, str], configure: Configure) -> None:
    configure(MAX_BODY_BYTES=1000)
    content = (b"x" for _ in range(1000))
    answer = enter().post("/threads/search", content=content, headers=bearing(held["reader"]))
    assert answer.json()["body"] == "x" * 1000
