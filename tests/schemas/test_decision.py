"""Every known shape of an answer becomes one decision."""

from typing import Any

import pytest

from schemas.decision import normalise
from schemas.errors import DecisionRefused

PLAN: dict[str, Any] = {"todo_list": {"items": []}}


@pytest.mark.parametrize(
    ("answer", "kind", "message", "args"),
    [
        ("approve", "approve", "", None),
        ({"type": "approve"}, "approve", "", None),
        ({"decision": "reject", "message": "no"}, "reject", "no", None),
        ({"decision": "respond", "remark": "tighter"}, "respond", "tighter", None),
        ({"decisions": [{"type": "approve"}]}, "approve", "", None),
        ({"decisions": [{"type": "reject", "message": "no"}]}, "reject", "no", None),
        ({"decisions": [{"type": "edit", "edited_action": {"name": "approve_plan", "args": PLAN}}]}, "edit", "", PLAN),
        ([{"type": "accept", "args": None}], "approve", "", None),
        ([{"type": "ignore", "args": None}], "reject", "", None),
        ([{"type": "response", "args": "tighter"}], "respond", "tighter", None),
        ([{"type": "edit", "args": {"action": "approve_plan", "args": PLAN}}], "edit", "", PLAN),
        ({"type": "edit", "args": PLAN}, "edit", "", PLAN),
    ],
)
def test_shapes(answer: Any, kind: str, message: str, args: Any) -> None:
    decision = normalise(answer)
    assert (decision.type, decision.message, decision.args) == (kind, message, args)


@pytest.mark.parametrize("answer", [None, 3, "", "maybe", {}, [], {"type": "explode"}, {"decisions": []}, [{}, {}]])
def test_anything_else_is_refused(answer: Any) -> None:
    with pytest.raises(DecisionRefused):
        normalise(answer)
