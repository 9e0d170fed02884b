"""Is everything there? Each check says OK, WARN or FAIL and the way out; no model is called."""

import subprocess  # nosec B404 - git only, with fixed arguments
from collections.abc import Callable
from typing import Literal, TypedDict

import redis

from schemas.errors import AidevError
from settings import settings
from state.database import pool
from tools.models.load import check_model, default_model, retirement
from tools.sandbox.docker import engine_status
from tools.sandbox.limits import loosened
from tools.screen.screen import allowed_rules


class Check(TypedDict):
    """One line of the doctor."""

    name: str
    status: Literal["OK", "WARN", "FAIL"]
    detail: str
    way_out: str


def checks() -> list[Check]:
    """All checks, in the order in which things are needed."""
    return [check() for check in (git, engine, image, limits, database, bus, key, model)]


def ok(name: str, detail: str) -> Check:
    """All is well."""
    return {"name": name, "status": "OK", "detail": detail, "way_out": ""}


def failing(name: str, error: AidevError) -> Check:
    """What an error says."""
    return {"name": name, "status": "FAIL", "detail": error.message, "way_out": error.hint}


def guarded(check: Callable[[], Check]) -> Callable[[], Check]:
    """A check whose errors are its result."""

    def run() -> Check:
        try:
            return check()
        except AidevError as error:
            return failing(check.__name__, error)

    return run


@guarded
def git() -> Check:
    """A git that merges without a checkout."""
    try:
        said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout  # nosec
    except (OSError, subprocess.CalledProcessError):
        return {"name": "git", "status": "FAIL", "detail": "no git", "way_out": "apt-get install git"}
    version = said.split()[2]
    if tuple(int(part) for part in version.split(".")[:2]) < (2, 38):
        return {"name": "git", "status": "FAIL", "detail": version, "way_out": "Install git 2.38 or newer."}
    return ok("git", version)


@guarded
def engine() -> Check:
    """A Docker engine."""
    return ok("engine", str(engine_status()["version"]))


@guarded
def image() -> Check:
    """The sandbox image."""
    found = engine_status()
    if not found["image_present"]:
        return {"name": "image", "status": "FAIL", "detail": f"{found['image']} is missing", "way_out": "make image"}
    return ok("image", str(found["image"]))


@guarded
def limits() -> Check:
    """The limits of the sandbox and the rules of the screen, as they come or laxer."""
    allowed = [f"SCREEN_ALLOW={rule}" for rule in sorted(allowed_rules(settings().screen_allow))]
    lax = [*loosened(settings()), *allowed]
    if lax:
        way_out = "Unset them, unless this is meant; every report says so."
        return {"name": "limits", "status": "WARN", "detail": ", ".join(lax), "way_out": way_out}
    return ok("limits", "as they come")


@guarded
def database() -> Check:
    """Postgres."""
    where = "DB_URL" if settings().db_url else f"embedded, under {settings().aidev_home}"
    with pool().connection() as connection:
        row = connection.execute("show server_version").fetchone()
    return ok("database", f"Postgres {(row or {})['server_version']} ({where})")


@guarded
def bus() -> Check:
    """Redis, where one is named."""
    host, port = settings().redis_host, settings().redis_port
    if not host:
        return ok("redis", "none set (REDIS_HOST): events stay in the database")
    try:
        redis.Redis(host=host, port=port, socket_connect_timeout=1, socket_timeout=1).ping()
    except (redis.RedisError, OSError) as error:
        detail, way_out = f"{host}:{port}: {error}", "Start it, or unset REDIS_HOST; work goes on without it."
        return {"name": "redis", "status": "WARN", "detail": detail, "way_out": way_out}
    return ok("redis", f"{host}:{port}")


@guarded
def key() -> Check:
    """Where the model's key comes from."""
    if settings().google_api_key:
        return ok("key", "GOOGLE_API_KEY is set")
    way_out = "Set GOOGLE_API_KEY to use Gemini; offline needs no key."
    return {"name": "key", "status": "WARN", "detail": "GOOGLE_API_KEY is not set", "way_out": way_out}


@guarded
def model() -> Check:
    """The model that would be used."""
    name, why = default_model()
    check_model(name)
    retired = retirement(name)
    if retired:
        return {
            "name": "model",
            "status": "WARN",
            "detail": f"{name}: {retired}",
            "way_out": "Set MODEL_NAME to another model.",
        }
    return ok("model", f"{name} ({why})")
