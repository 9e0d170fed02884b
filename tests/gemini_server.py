"""A local HTTP server that speaks Gemini's protocol; its answers are given one by one, or by a script by role.

As a program: `python -m tests.gemini_server SCRIPT.yaml PORT`, then
`GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:PORT GOOGLE_API_KEY=any aidev run "…" --model gemini-3.8-flash`.
"""

import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from langchain_core.exceptions import ModelAPIError, ModelRateLimitError, ModelTimeoutError

from schemas.errors import ScriptExhausted
from state.text import unfence
from tools.models.local import Call
from tools.models.script import ScriptModel

ROLES = {
    "# Planner": "planner",
    "# Architect": "architect",
    "# Coder": "coder",
    "# Tester": "tester",
    "# Debugger": "debugger",
}


@dataclass(frozen=True)
class Request:
    """What came over the wire."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """The text of the last turn."""
        return str(self.body["contents"][-1]["parts"][0]["text"])


@dataclass(frozen=True)
class Reply:
    """What goes back."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    """Seconds between single bytes."""
    drop: bool = False
    """Close the connection in the middle of the body."""


def answer(text: str, reason: str = "STOP", tokens: tuple[int, int] = (1000, 100), thought: str = "") -> Reply:
    """A candidate, after what the model let be seen of its thinking."""
    parts: list[dict[str, Any]] = [{"text": thought, "thought": True}] if thought else []
    parts += [{"text": text}] if text else []
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    candidate |= {"finishReason": reason} if reason else {}
    return message({"candidates": [candidate]}, tokens)


def message(body: dict[str, Any], tokens: tuple[int, int] = (1000, 0)) -> Reply:
    """A body as the service gives it, with its count of tokens."""
    usage = {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1], "totalTokenCount": sum(tokens)}
    return Reply(json.dumps({**body, "usageMetadata": usage, "modelVersion": "gemini-3.8-flash"}).encode())


def error(
    status: int, name: str, headers: dict[str, str] | None = None, delay: str | None = None, said: str = ""
) -> Reply:
    """An error as the service gives it."""
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}] if delay else []
    body = {"error": {"code": status, "message": said or name.lower(), "status": name, "details": details}}
    return Reply(json.dumps(body).encode(), status, headers or {})


class GeminiServer:
    """Answers each request by a function; keeps what it was asked."""

    def __init__(self, replies: Callable[[Request], Reply], port: int = 0) -> None:
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._replies = replies
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, request: Request) -> Reply:
        """The next reply; requests are answered one at a time."""
        with self._lock:
            self.requests.append(request)
            return self._replies(request)

    def serve(self) -> None:
        """Until closed."""
        self._server.serve_forever()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length))
                headers = {key.lower(): value for key, value in self.headers.items()}
                send(self, outer.reply(Request(self.path, headers, body)))

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Handler


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    """Write a reply, well or badly as it says."""
    time.sleep(reply.delay)
    try:
        handler.send_response(reply.status)
        for key, value in {"Content-Type": "application/json", **reply.headers}.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(reply.body)))
        handler.end_headers()
        body = reply.body[: len(reply.body) // 2] if reply.drop else reply.body
        for start in range(0, len(body), 1 if reply.drip else max(1, len(body))):
            handler.wfile.write(body[start : start + (1 if reply.drip else len(body))])
            handler.wfile.flush()
            time.sleep(reply.drip)
    except OSError:
        return
    handler.close_connection = reply.drop or handler.close_connection


@contextmanager
def serving(first: Reply | Callable[[Request], Reply], *more: Reply) -> Iterator[GeminiServer]:
    """A server that answers by a function, or with these replies in order, the last one again and again."""
    server = GeminiServer(first if callable(first) else in_order(first, *more))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def in_order(*replies: Reply) -> Callable[[Request], Reply]:
    """These replies one by one, the last one again and again."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


REFUSALS = {
    ModelRateLimitError: error(429, "RESOURCE_EXHAUSTED"),
    ModelAPIError: error(500, "INTERNAL"),
    ModelTimeoutError: error(504, "DEADLINE_EXCEEDED"),
}


def by_script(path: Path) -> Callable[[Request], Reply]:
    """Replies from a script: role and todo are read off the prompt, as a model would; it does not say the attempt."""
    model = ScriptModel.from_file(path)

    def reply(request: Request) -> Reply:
        prompt = request.prompt
        todo = re.search(r'"id": "([\w-]+)"', unfence(prompt, "todo") or "")
        call = Call(ROLES[prompt.split("\n", 1)[0]], todo.group(1) if todo else "")
        try:
            said = model._answer(call, prompt)
        except (ModelRateLimitError, ModelAPIError, ModelTimeoutError) as scripted:
            return REFUSALS[type(scripted)]
        except ScriptExhausted as exhausted:
            return error(400, "INVALID_ARGUMENT", said=exhausted.message)
        return answer(said.text, said.response_metadata["finish_reason"], (len(prompt) // 4, len(said.text) // 4))

    return reply


if __name__ == "__main__":
    GeminiServer(by_script(Path(sys.argv[1])), int(sys.argv[2])).serve()
