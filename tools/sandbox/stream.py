"""The standard streams of a container, over one connection to the engine."""

import math
import socket
import struct
import time
from collections.abc import Iterator
from typing import Self

from docker import DockerClient

from schemas.errors import SandboxError

_STDOUT = 1
_CHUNK = 1 << 16


class Attached:
    """Writes to a container and reads from it until its deadline; TimeoutError after it."""

    def __init__(self, client: DockerClient, container_id: str) -> None:
        streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        self._connection = client.api.attach_socket(container_id, params=streams)
        self._socket: socket.socket = getattr(self._connection, "_sock", self._connection)
        self.deadline = math.inf
        """Of `time.monotonic`."""
        self.stderr = b""
        """The end of what the main program itself wrote there."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Write to standard input; a container that listens no more is noticed when it is read from."""
        self._limit()
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def messages(self, most: int) -> Iterator[bytes]:
        """The length-framed messages on standard output, until it ends. Raises SandboxError past `most` bytes."""
        waiting = bytearray()
        for chunk in self._stdout():
            waiting += chunk
            most -= len(chunk)
            if most < 0:
                raise SandboxError("The sandbox said more than its runner ever says: is it the right image?")
            while len(waiting) >= 8 and len(waiting) >= (end := 8 + int.from_bytes(waiting[:8])):
                yield bytes(waiting[8:end])
                del waiting[:end]

    def _stdout(self) -> Iterator[bytes]:
        """The engine's own frames, of which each names its stream and its length."""
        while len(head := self._exactly(8)) == 8:
            kind, size = struct.unpack(">BxxxL", head)
            data = self._exactly(size)
            if kind == _STDOUT:
                yield data
            else:
                self.stderr = (self.stderr + data)[-_CHUNK:]

    def _exactly(self, size: int) -> bytes:
        """So many bytes; fewer at the end."""
        data = bytearray()
        while len(data) < size:
            self._limit()
            try:
                chunk = self._socket.recv(min(_CHUNK, size - len(data)))
            except ConnectionResetError:
                break
            if not chunk:
                break
            data += chunk
        return bytes(data)

    def _limit(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        self._socket.settimeout(left if left < math.inf else None)
