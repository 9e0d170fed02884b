"""LangGraph's own hooks: its runs know who started them, and its resources follow the same roles as its paths."""

from collections.abc import Mapping
from typing import Any

from langgraph_sdk import Auth
from starlette.requests import HTTPConnection

from schemas.errors import DatabaseUnavailable, Forbidden, NotAuthenticated
from server.access.callers import caller_of
from server.access.paths import answers
from server.access.roles import Identity, allows
from state.tokens import Role

auth = Auth()


@auth.authenticate
async def authenticate(scope: dict[str, Any]) -> dict[str, Any]:
    """Whom the guard has let in; without the guard, whom the request names."""
    identity = scope.get("state", {}).get("identity") or await _named(scope)
    return {"identity": identity.name, "display_name": identity.name, "permissions": [identity.role]}


async def _named(scope: dict[str, Any]) -> Identity:
    try:
        return (await caller_of(HTTPConnection(scope))).identity
    except NotAuthenticated as error:
        raise Auth.exceptions.HTTPException(status_code=401, detail=error.message) from None
    except (Forbidden, DatabaseUnavailable) as error:
        raise Auth.exceptions.HTTPException(status_code=403, detail=error.message) from None


@auth.on
async def decide(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> bool:
    """Whether the caller's role reaches."""
    identity = Identity(ctx.user.identity, ctx.permissions[0])  # type: ignore[arg-type]
    return allows(identity, role_for(ctx.resource, ctx.action, value))


def role_for(resource: str, action: str, value: Mapping[str, Any]) -> Role:
    """What an action needs. A state update is an update that names neither metadata nor runs."""
    if action in ("read", "search", "get", "list_namespaces"):
        return "reader"
    if resource != "threads" or action == "delete":
        return "approver"
    if action == "create_run":
        return "approver" if answers(value.get("kwargs") or {}) else "operator"
    if action == "create" or "metadata" in value:
        return "operator"
    return "approver"
