"""Tells a workflow's webhook that it waits for a person or has ended, until the other side has taken it in."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import ssl
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx
from psycopg.rows import DictRow

from schemas.errors import BadInput
from schemas.events import COLUMNS, from_row
from settings import settings
from state.database import Connection
from tools.addresses import checked_url, refused, without_query

TIMEOUT_SECONDS = 5.0
"""For one delivery in all."""
FIRST_PAUSE_SECONDS = 5
"""After the first failure; it doubles with each."""
LAST_SECONDS = 86_400
"""After this long a delivery is given up."""
POLL_SECONDS = 5.0
BATCH = 20
"""Deliveries at once."""
PREFIX = "whsec_"

_logger = logging.getLogger(__name__)


def checked_webhook(url: str) -> str:
    """The URL, if a webhook may go there. Raises BadInput."""
    key()
    return checked_url(url, settings().webhook_hosts)


def deliver(connection: Connection) -> float:
    """Send what is due; the seconds until it looks again. Only the leader may call it."""
    due = connection.execute(
        f"""select {COLUMNS}, url, attempts, next_at, workflows.status, stop_reason, reason
            from webhook_deliveries join events using (event_id) join workflows using (workflow_id)
            where next_at <= now() order by next_at limit %s""",  # noqa: S608
        [BATCH],
    ).fetchall()
    if due:
        for row, error in zip(due, asyncio.run(_sent(due, _client())), strict=True):
            _note(connection, row, error)
    return POLL_SECONDS if len(due) < BATCH else 0.0


def body(row: Mapping[str, Any]) -> bytes:
    """The event, and how its workflow stands now."""
    event = from_row(row).model_dump(mode="json")
    told = {name: row[name] for name in ("workflow_id", "status", "stop_reason", "reason")}
    return json.dumps({"event": event, **told}).encode()


def headers(event_id: str, timestamp: int, content: bytes) -> dict[str, str]:
    """As https://www.standardwebhooks.com has them; `timestamp` in seconds since 1970."""
    found = {"content-type": "application/json", "webhook-id": event_id, "webhook-timestamp": str(timestamp)}
    secret = key()
    if secret is None:
        return found
    digest = hmac.new(secret, f"{event_id}.{timestamp}.".encode() + content, hashlib.sha256).digest()
    return {**found, "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def key() -> bytes | None:
    """What signs; None: nothing does. Raises BadInput for a secret of another form."""
    secret = settings().webhook_secret
    if secret is None:
        return None
    try:
        return base64.b64decode(secret.get_secret_value().removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise BadInput("WEBHOOK_SECRET is not base64.", f"Make one: echo {PREFIX}$(openssl rand -base64 32)") from None


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=_certificates(), follow_redirects=False, timeout=TIMEOUT_SECONDS)


async def _sent(due: list[DictRow], client: httpx.AsyncClient) -> list[str | None]:
    """What went wrong with each; None: taken in."""
    async with client:
        return await asyncio.gather(*(_send(client, row) for row in due))


async def _send(client: httpx.AsyncClient, row: DictRow) -> str | None:
    content = body(row)
    signed = headers(row["event_id"], int(time.time()), content)
    request = client.build_request("POST", row["url"], content=content, headers=signed, extensions={"trace": _trace})
    try:
        checked_webhook(row["url"])
        async with asyncio.timeout(TIMEOUT_SECONDS):
            answer = await client.send(request, stream=True)
            await answer.aclose()
    except TimeoutError:
        return f"no answer in {TIMEOUT_SECONDS:g} seconds"
    except (httpx.HTTPError, BadInput) as error:
        return f"{type(error).__name__}: {error}"
    return None if answer.is_success else f"answered {answer.status_code}"


async def _trace(name: str, facts: Mapping[str, Any]) -> None:
    """Before anything is sent: raises BadInput when the name stands for an address that is refused."""
    if name == "connection.connect_tcp.complete":
        connected = facts["return_value"]
        address = connected.get_extra_info("server_addr")[0]
        if refused(address):
            await connected.aclose()
            raise BadInput(f"{address} is refused for webhooks.")


def _note(connection: Connection, row: DictRow, error: str | None) -> None:
    """Taken in, due again later, or given up."""
    connection.execute(
        """update webhook_deliveries set
               attempts = attempts + 1, last_error = %(error)s,
               delivered_at = case when %(error)s::text is null then now() end,
               next_at = case when %(error)s::text is not null and now() < created_at + %(last)s * interval '1 second'
                              then now() + %(first)s * 2 ^ attempts * interval '1 second' end
           where event_id = %(event_id)s""",
        {"event_id": row["event_id"], "error": error, "first": FIRST_PAUSE_SECONDS, "last": LAST_SECONDS},
    )
    if error:
        url, number = without_query(row["url"]), row["attempts"] + 1
        _logger.warning("Webhook %s of workflow %s, try %d: %s", url, row["workflow_id"], number, error)
