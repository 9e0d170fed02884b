"""Idempotency keys: the same request sent twice starts one workflow."""

import hashlib
import json
import uuid

from schemas.errors import KeyReused
from state.database import pool


def workflow_for(caller: str, key: str | None, route: str, body: object) -> str:
    """The id of the workflow that this request starts: the same for the same key. Raises KeyReused for another body."""
    fresh = str(uuid.uuid4())
    if key is None:
        return fresh
    digest = hashlib.sha256(json.dumps([route, body], sort_keys=True, default=str).encode()).hexdigest()
    with pool().connection() as connection:
        connection.execute(
            """insert into idempotency_keys (caller, key, digest, workflow_id) values (%s, %s, %s, %s)
               on conflict do nothing""",
            [caller, key, digest, fresh],
        )
        row = connection.execute(
            "select digest, workflow_id from idempotency_keys where caller = %s and key = %s", [caller, key]
        ).fetchone()
    if row is None or row["digest"] != digest:
        raise KeyReused(
            "This Idempotency-Key was sent with another request before.", "Take a new key for a new request."
        )
    return str(row["workflow_id"])
