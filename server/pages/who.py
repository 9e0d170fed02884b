"""Who looks at a page, and the secret that their forms carry."""

from typing import Any

from fastapi import Request

from server.access.roles import LOCAL, Identity, allows
from server.access.session import csrf_of


def values(request: Request) -> dict[str, Any]:
    """What every template knows of the person."""
    identity: Identity | None = getattr(request.state, "identity", None)
    signed_in = identity is not None and identity != LOCAL
    return {
        "identity": identity,
        "signed_in": signed_in,
        "may_operate": identity is not None and allows(identity, "operator"),
        "may_approve": identity is not None and allows(identity, "approver"),
        "csrf_token": csrf_of(request),
    }
