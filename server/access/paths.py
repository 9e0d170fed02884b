"""Which role a request needs. Our own routes name theirs; LangGraph's are named here, and deny by default."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from state.tokens import Role

OPEN = re.compile(r"/health|/ready|/ok|/app/login|/app/static/.+")
"""For everybody."""
PAGE = re.compile(r"/|/app|/app/(?!static/).*")
"""For browsers."""
OURS = re.compile(r"/|/(planner|orchestrator|agent|api)/.*|/app|/app/.*")
NOBODY = re.compile(r"/internal/.*|/deploy|/deploy/.*|/profile")
"""Debugging and deploying from within LangGraph's server."""

Body = Any
"""JSON as it came; None where it could not be read."""
Need = Role | Callable[[Body], Role]


def of_run(body: Body) -> Role:
    """A run, or a batch of them: whoever answers, or approves in advance, is an approver."""
    runs = body if isinstance(body, list) else [body]
    return "operator" if all(isinstance(run, Mapping) and not answers(run) for run in runs) else "approver"


def answers(run: Mapping[str, Any]) -> bool:
    """Whether a run carries an answer to what waits, or asks not to be asked."""
    options = [run.get("context"), _part(run.get("config"), "configurable")]
    return bool(run.get("command")) or any(_part(found, "auto_approve") for found in options)


def _part(found: Body, name: str) -> Body:
    return found.get(name) if isinstance(found, Mapping) else None


def of_thread(body: Body) -> Role:
    """A new thread; one that brings its state along is a state update."""
    return "operator" if isinstance(body, Mapping) and not body.get("supersteps") else "approver"


def of_mcp(body: Body) -> Role:
    """A call of the Model Context Protocol: a tool is a graph that starts from its input."""
    method = str(_part(body, "method"))
    if method in ("initialize", "ping", "tools/list") or method.startswith("notifications/"):
        return "reader"
    return "operator" if method == "tools/call" else "approver"


def of_a2a(body: Body) -> Role:
    """A call of the Agent2Agent protocol; a message to a thread that waits is taken for an answer."""
    method = _part(body, "method")
    if method in ("tasks/get", "GetTask"):
        return "reader"
    return "operator" if method in ("tasks/cancel", "CancelTask") else "approver"


_ID = r"[^/]+"
LANGGRAPH: list[tuple[str, str, Need]] = [
    ("GET", rf"/threads/{_ID}/runs/{_ID}/(join|stream)", "reader"),
    ("GET", r"/info|/metrics|/docs|/openapi\.json|/\.well-known/.+|/ui/.*", "reader"),
    ("GET", r"/(assistants|threads|runs|store)/.*", "reader"),
    ("GET", rf"/a2a/{_ID}/\.well-known/.+", "reader"),
    ("POST", r"/(assistants|threads|runs/crons)/(search|count)", "reader"),
    ("POST", rf"/assistants/{_ID}/versions", "reader"),
    ("POST", rf"/threads/{_ID}/(history|state/checkpoint|stream/events)", "reader"),
    ("POST", r"/store/(items/search|namespaces)", "reader"),
    ("POST", rf"/ui/{_ID}", "reader"),
    ("POST", r"/threads", of_thread),
    ("PATCH", rf"/threads/{_ID}", "operator"),
    ("POST", rf"/(threads/{_ID}/)?runs(/stream|/wait)?|/runs/batch", of_run),
    ("POST", rf"/runs/cancel|/threads/{_ID}/runs/{_ID}/cancel", "operator"),
    ("POST", r"/mcp/?", of_mcp),
    ("POST", rf"/a2a/{_ID}/?", of_a2a),
]
"""Method (HEAD counts as GET), path, need. What is not here, WebSockets among it, is for approvers."""
_RULES = [(method, re.compile(path), need) for method, path, need in LANGGRAPH]


def need_of(method: str, path: str, query: Mapping[str, str]) -> Need | None:
    """The role that a path of LangGraph's needs, or what finds it out from the body; None: nobody may."""
    if NOBODY.fullmatch(path):
        return None
    if query.get("cancel_on_disconnect", "false").lower() in ("true", "yes", "1"):
        return "operator"
    found = (need for verb, pattern, need in _RULES if verb == method and pattern.fullmatch(path))
    return next(found, "approver")
