"""Stands between the server and a Docker engine: lets through what the sandbox does, and nothing else.

Whoever may make any container owns the machine. Here only sandbox containers can be made, with the sandbox's limits,
and only those can be looked at, started, talked to and removed.

    ENGINE_SOCKET=/var/run/docker.sock python -m deploy.engine_proxy PORT
"""

import asyncio
import os
import sys
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from dataclasses import dataclass
from http import HTTPStatus

from deploy.rules import Request, as_looked_at, faults, needs_ours

SOCKET = os.environ.get("ENGINE_SOCKET", "/var/run/docker.sock")
HEAD_SECONDS = 30
MOST_BODY = 1 << 20
OURS = ("connection", "keep-alive", "proxy-connection", "content-length", "expect")
"""Headers that the proxy sets itself."""

_tasks: set[asyncio.Task[None]] = set()


@dataclass
class Refused(Exception):
    """What is said to the caller."""

    status: HTTPStatus
    why: str


def handle(reader: StreamReader, writer: StreamWriter) -> None:
    """A connection; the event loop itself would forget its task."""
    task = asyncio.create_task(serve(reader, writer))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def serve(reader: StreamReader, writer: StreamWriter) -> None:
    """One connection is one request: what follows it on the same connection goes nowhere."""
    try:
        request = await read_request(reader)
        await check(request)
        await relay(request, reader, writer)
    except Refused as refused:
        writer.write(answer(refused))
        print(f"refused: {refused.why}", file=sys.stderr, flush=True)
    except (OSError, IncompleteReadError, LimitOverrunError, TimeoutError):
        pass  # one of the two sides has gone; there is nobody to tell
    finally:
        writer.close()


async def read_request(reader: StreamReader) -> Request:
    """Raises Refused for what is no plain HTTP/1.1 request with a sized body."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = first.split(" ")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    sizes = [value for name, value in headers if name == "content-length"]
    plain = len(words) == 3 and len(sizes) < 2 and not any(name == "transfer-encoding" for name, _ in headers)
    size = sizes[0] if sizes else "0"
    if not plain or not size.isascii() or not size.isdigit() or int(size) > MOST_BODY:
        raise Refused(HTTPStatus.BAD_REQUEST, "a request that is not plain")
    return Request(words[0], words[1], headers, await reader.readexactly(int(size)))


async def check(request: Request) -> None:
    """Raises Refused."""
    if found := faults(request):
        raise Refused(HTTPStatus.FORBIDDEN, f"{request.method} {request.target[:200]}: {'; '.join(found)}")
    container = needs_ours(request)
    if container and not await is_ours(container):
        raise Refused(HTTPStatus.NOT_FOUND, f"No such container: {container}")


async def is_ours(container: str) -> bool:
    """Whether the engine has a sandbox container of this id."""
    reader, writer = await asyncio.open_unix_connection(SOCKET)
    writer.write(f"GET /containers/{container}/json HTTP/1.0\r\nHost: engine\r\n\r\n".encode())
    said = await reader.read()
    writer.close()
    return Request.answered_with_label(said)


async def relay(request: Request, reader: StreamReader, writer: StreamWriter) -> None:
    """Hand it on; a stream that the engine opens is open both ways."""
    from_engine, to_engine = await asyncio.open_unix_connection(SOCKET)
    try:
        to_engine.write(onward(request))
        if not request.opens_stream:
            return await copy(from_engine, writer)
        head = await from_engine.readuntil(b"\r\n\r\n")
        writer.write(head)
        if head.split(b" ")[1] not in (b"101", b"200"):
            return await copy(from_engine, writer)
        inward = asyncio.create_task(copy(reader, to_engine))
        await copy(from_engine, writer)
        inward.cancel()
    finally:
        to_engine.close()


def onward(request: Request) -> bytes:
    """The request as the engine gets it: the last one on its connection."""
    body = as_looked_at(request.body) if request.makes else request.body
    connection = "Upgrade" if request.opens_stream else "close"
    kept = [f"{name}: {value}" for name, value in request.headers if name not in OURS]
    added = [f"connection: {connection}", f"content-length: {len(body)}"]
    head = [f"{request.method} {request.target} HTTP/1.1", *kept, *added]
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


async def copy(source: StreamReader, target: StreamWriter) -> None:
    """Until the source ends."""
    while data := await source.read(1 << 16):
        target.write(data)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


def answer(refused: Refused) -> bytes:
    """In the engine's own shape."""
    body = b'{"message": "refused by the proxy; its log says why"}'
    head = f"HTTP/1.1 {refused.status.value} {refused.status.phrase}\r\ncontent-type: application/json\r\n"
    return f"{head}connection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


async def main(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(handle, os.environ.get("LISTEN", "0.0.0.0"), port)  # noqa: S104
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
