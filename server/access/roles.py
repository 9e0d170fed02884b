"""Who calls, and what that allows: reader < operator < approver."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from schemas.errors import Forbidden, NotAuthenticated
from state.tokens import ROLES, Role


@dataclass(frozen=True)
class Identity:
    """A caller. `name` is the token's, or `local` for whoever sits at this machine."""

    name: str
    role: Role


LOCAL = Identity("local", "approver")


def no_token() -> NotAuthenticated:
    """For who shows nothing."""
    return NotAuthenticated(
        "A token is needed.", "Send it as `Authorization: Bearer …`; `aidev token add` on the server makes one."
    )


def unknown_token() -> NotAuthenticated:
    """For who shows something else than a live token."""
    return NotAuthenticated("The token is not known, or it was revoked.", "`aidev token list` shows which live.")


def allows(identity: Identity, role: Role) -> bool:
    """Whether the caller may do what is for this role."""
    return ROLES.index(identity.role) >= ROLES.index(role)


def require(identity: Identity, role: Role) -> None:
    """Raises Forbidden."""
    if not allows(identity, role):
        raise Forbidden(
            f"This is for the role {role}; {identity.name} is {identity.role}.",
            "Ask somebody with a token of that role.",
        )


def _at_least(role: Role) -> Callable[[Request], Awaitable[Identity]]:
    async def caller(request: Request) -> Identity:
        identity: Identity | None = getattr(request.state, "identity", None)
        if identity is None:
            raise no_token()
        require(identity, role)
        return identity

    return caller


Reader = Annotated[Identity, Depends(_at_least("reader"))]
"""In a route's signature: whoever may read."""
Operator = Annotated[Identity, Depends(_at_least("operator"))]
"""Whoever may also start, cancel and resume work."""
Approver = Annotated[Identity, Depends(_at_least("approver"))]
"""Whoever may also answer what waits and raise budgets."""
