"""Tokens of the server's callers, and the page's sessions that were opened with them.

Both are 256 random bits, so a plain SHA-256 keeps them: no dictionary holds them, and salt or slow hashing would add
nothing. They are found by their hash, so no comparison takes longer for a better guess.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, LiteralString

from schemas.errors import BadInput, NotFound
from state.database import pool

Role = Literal["reader", "operator", "approver"]
ROLES: tuple[Role, ...] = ("reader", "operator", "approver")
"""Each may do what those before it may."""
PREFIX = "aidev_"
SESSION_HOURS = 12
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_COLUMNS: LiteralString = "name, role, created_at, last_used_at, revoked_at"
WAY_OUT = "aidev token list shows them all."


@dataclass(frozen=True)
class Token:
    """Whose it is and what it allows; the token itself is known to its holder alone."""

    name: str
    role: Role
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def add(name: str, role: Role) -> str:
    """Make a token; it is shown this once. Raises BadInput for a name that is taken or cannot be used."""
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} cannot name a token.", "Up to 64 letters, digits and . _ @ -, with a letter or digit first."
        )
    token = PREFIX + secrets.token_urlsafe(32)
    with pool().connection() as connection:
        done = connection.execute(
            "insert into tokens (name, role, token_hash) values (%s, %s, %s) on conflict (name) do nothing",
            [name, role, digest(token)],
        )
    if not done.rowcount:
        raise BadInput(f"There is a token named {name}, or there was one.", f"Choose another name. {WAY_OUT}")
    return token


def listed() -> list[Token]:
    """All of them, revoked ones too, oldest first."""
    with pool().connection() as connection:
        rows = connection.execute(f"select {_COLUMNS} from tokens order by created_at, name")  # noqa: S608
        return [Token(**row) for row in rows]


def any_live() -> bool:
    """Whether somebody could get in."""
    return any(token.revoked_at is None for token in listed())


def revoke(name: str) -> None:
    """End a token and its sessions. Raises NotFound, BadInput when it has ended already."""
    with pool().connection() as connection, connection.transaction():
        done = connection.execute("update tokens set revoked_at = now() where name = %s and revoked_at is null", [name])
        connection.execute("delete from sessions where token_name = %s", [name])
    if done.rowcount:
        return
    if any(token.name == name for token in listed()):
        raise BadInput(f"The token {name} was revoked before.", WAY_OUT)
    raise NotFound(f"There is no token named {name!r}.", WAY_OUT)


def holder(token: str) -> Token | None:
    """Who holds a live token; None for any other text. Notes its use."""
    with pool().connection() as connection:
        row = connection.execute(
            f"select {_COLUMNS} from tokens where token_hash = %s and revoked_at is null",  # noqa: S608
            [digest(token)],
        ).fetchone()
        if row is None:
            return None
        connection.execute(
            """update tokens set last_used_at = now()
               where name = %s and (last_used_at is null or last_used_at < now() - interval '1 minute')""",
            [row["name"]],
        )
    return Token(**row)


def open_session(token: str) -> str | None:
    """A session for a live token, to be kept in a cookie; None for any other text."""
    found = holder(token)
    if found is None:
        return None
    session = secrets.token_urlsafe(32)
    with pool().connection() as connection:
        connection.execute("delete from sessions where expires_at < now()")
        connection.execute(
            """insert into sessions (session_hash, token_name, expires_at)
               values (%s, %s, now() + make_interval(hours => %s))""",
            [digest(session), found.name, SESSION_HOURS],
        )
    return session


def session_holder(session: str) -> Token | None:
    """Whose session it is, while it and its token live."""
    with pool().connection() as connection:
        row = connection.execute(
            f"""select {_COLUMNS} from sessions join tokens on name = token_name
                where session_hash = %s and expires_at > now() and revoked_at is null""",  # noqa: S608
            [digest(session)],
        ).fetchone()
    return Token(**row) if row else None


def close_session(session: str) -> None:
    """It opens nothing any more."""
    with pool().connection() as connection:
        connection.execute("delete from sessions where session_hash = %s", [digest(session)])


def digest(secret: str) -> bytes:
    """What is kept of a token or session."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
