"""The Docker engine, as DOCKER_HOST names it or on its usual socket."""

from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker import DockerClient
from docker.errors import APIError, DockerException
from requests import RequestException

from schemas.errors import EngineUnavailable, SandboxGone

_REQUEST_TIMEOUT = 60
"""Seconds for one request to the engine."""
_HINT = "Get one with `make engine`, start Docker, or set DOCKER_HOST to an engine elsewhere."


@contextmanager
def engine() -> Iterator[DockerClient]:
    """A client of the engine. Inside, what the engine cannot do is SandboxGone; EngineUnavailable when it is away."""
    try:
        client = docker.from_env(timeout=_REQUEST_TIMEOUT)
    except (DockerException, RequestException) as error:
        raise EngineUnavailable(f"No Docker engine answers: {error}", _HINT) from error
    try:
        yield client
    except APIError as error:
        raise SandboxGone(f"The Docker engine could not do its part: {error.explanation or error}") from error
    except RequestException as error:
        raise EngineUnavailable(f"The Docker engine answers no more: {error}", _HINT) from error
    finally:
        client.close()
