"""How many debugging steps run side by side in one process."""

from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any

from nodes.task import Node
from settings import settings
from state.todo import TodoState


def limited(node: Node) -> Node:
    """The node, waiting for a free slot before it begins."""

    def run(state: TodoState) -> dict[str, Any]:
        with _slots(settings().max_branches):
            return node(state)

    return run


@lru_cache(maxsize=1)
def _slots(count: int) -> BoundedSemaphore:
    return BoundedSemaphore(count)
