"""Whether the server works; open to everybody, so that a load balancer can ask."""

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from schemas.errors import AidevError
from server import runs
from server.access.roles import Reader
from server.answers import Health
from state.database import pool
from tools.sandbox.docker import engine_status

router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> Health:
    """The process answers."""
    return Health(status="ok", checks={})


@router.get("/ready", responses={503: {"model": Health, "description": "Something that work needs is missing"}})
async def ready(response: Response) -> Health:
    """What work needs is there: database, engine and image, the server that runs the graphs."""
    checks = {
        "database": await asyncio.to_thread(_said, _database),
        "sandbox": await asyncio.to_thread(_said, _sandbox),
        "graphs": await _graphs(),
    }
    failing = any(found != "ok" for found in checks.values())
    response.status_code = 503 if failing else 200
    return Health(status="failing" if failing else "ok", checks=checks)


@router.get("/metrics", response_class=Response, include_in_schema=False)
def metrics(by: Reader) -> Response:
    """Prometheus metrics, where LangGraph's server does not serve them itself."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _said(check: Callable[[], None]) -> str:
    """`ok`, or what is wrong, without addresses."""
    try:
        check()
    except AidevError as error:
        return error.message.split(":")[0]
    except Exception as error:  # whatever it is, the server is not ready
        return type(error).__name__
    return "ok"


def _database() -> None:
    with pool().connection(timeout=3) as connection:
        connection.execute("select 1")


def _sandbox() -> None:
    if not engine_status()["image_present"]:
        raise AidevError("The sandbox image is not there")


async def _graphs() -> str:
    try:
        await runs.client().assistants.count()
    except Exception as error:  # the same
        return type(error).__name__
    return "ok"
