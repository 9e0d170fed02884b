"""Every known shape of an answer becomes one decision: the payloads are those that the pages send, letter by letter."""

import json
from typing import Any

import pytest

from schemas.decision import Decision, normalise
from schemas.errors import DecisionRefused

PLAN: dict[str, Any] = {"workflow_name": "w", "items": [{"id": "t1", "title": "Größe"}]}
EDITED: dict[str, Any] = {"workflow_name": "w", "items": [{"id": "t1", "title": "Größe und Länge"}]}
CAPS: dict[str, Any] = {"scope": "workflow", "kind": "usd", "cap": 1.5, "new_cap": 3, "spent": 1.6}
Sent = tuple[object, Decision]


def asked(name: str, args: dict[str, Any], *allowed: str) -> dict[str, Any]:
    """What waits, as far as an answer is read by it."""
    review = {"action_name": name, "allowed_decisions": list(allowed)}
    return {"action_requests": [{"name": name, "args": args}], "review_configs": [review]}


PLAN_WAITS = asked("approve_plan", {"todo_list": PLAN}, "approve", "edit", "reject", "respond")
BUDGET_WAITS = asked("raise_budget", CAPS, "approve", "edit", "reject")
RELEASE_WAITS = asked("approve_release", {"summary": "s", "commit": "c"}, "approve", "reject")

APPROVED = Decision(type="approve")
REPLANNED = Decision(type="respond", message="use EMA")
CHANGED = Decision(type="edit", args={"todo_list": EDITED})


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        ("approve", APPROVED),
        (" Reject\n", Decision(type="reject")),
        ('{"type": "respond", "message": "use EMA"}', REPLANNED),
        ({"type": "approve"}, APPROVED),
        ({"decision": "reject", "message": "no"}, Decision(type="reject", message="no")),
        ({"decision": "respond", "remark": "use EMA"}, REPLANNED),
        ({"type": "reject", "args": "no"}, Decision(type="reject", message="no")),
        ({"type": "edit", "args": {"todo_list": EDITED}}, CHANGED),
        ({"type": "edit", "args": {"todo_list": json.dumps(EDITED)}}, CHANGED),
        ({"type": "edit", "args": json.dumps({"todo_list": EDITED})}, CHANGED),
        ({"type": "approve", "artifact_hash": "h"}, Decision(type="approve", artifact_hash="h")),
        (CHANGED.model_dump(), CHANGED),
    ],
)
def test_plain_answers(answer: object, decision: Decision) -> None:
    assert normalise(answer, PLAN_WAITS) == decision


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        ([{"type": "accept", "args": {"action": "approve_plan", "args": {"todo_list": PLAN}}}], APPROVED),
        ([{"type": "accept", "args": None}], APPROVED),
        ([{"type": "ignore", "args": None}], Decision(type="reject")),
        ([{"type": "response", "args": "use EMA"}], REPLANNED),
        (
            [{"type": "edit", "args": {"action": "approve_plan", "args": {"todo_list": json.dumps(EDITED)}}}],
            CHANGED,
        ),
    ],
)
def test_agent_inbox(answer: object, decision: Decision) -> None:
    """Source: langchain-ai/agent-inbox README.md "Schema Usage"; use-interrupted-actions.tsx `handleSubmit`.

    Agent Chat UI before it read LangChain's requests sends the same.
    """
    assert normalise(answer, PLAN_WAITS) == decision


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        ({"decisions": [{"type": "approve", "args": {"action": "approve_plan", "args": {}}}]}, APPROVED),
        ({"decisions": [{"type": "approve", "args": None}]}, APPROVED),
        ({"decisions": [{"type": "ignore", "args": None}]}, Decision(type="reject")),
        ({"decisions": [{"type": "reject", "args": "use EMA"}]}, REPLANNED),
        (
            {"decisions": [{"type": "edit", "args": {"action": "approve_plan", "args": {"todo_list": "{}"}}}]},
            Decision(type="edit", args={"todo_list": {}}),
        ),
    ],
)
def test_agent_inbox_that_reads_langchains_requests(answer: object, decision: Decision) -> None:
    """Source: langchain-ai/agent-inbox ThreadContext.tsx `sendHumanResponse`, with `isHitlMiddleware`."""
    assert normalise(answer, PLAN_WAITS) == decision


def test_words_in_agent_inbox_reject_where_there_is_nothing_to_respond_to() -> None:
    answer = {"decisions": [{"type": "reject", "args": "not tested enough"}]}
    assert normalise(answer, RELEASE_WAITS) == Decision(type="reject", message="not tested enough")


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        ({"decisions": [{"type": "approve"}]}, APPROVED),
        ({"decisions": [{"type": "reject", "message": "no"}]}, Decision(type="reject", message="no")),
        (
            {
                "decisions": [
                    {
                        "type": "edit",
                        "edited_action": {"name": "approve_plan", "args": {"todo_list": json.dumps(EDITED)}},
                    }
                ]
            },
            CHANGED,
        ),
    ],
)
def test_agent_chat_ui(answer: object, decision: Decision) -> None:
    """Source: langchain-ai/agent-chat-ui agent-inbox/utils.ts `buildDecisionFromState`."""
    assert normalise(answer, PLAN_WAITS) == decision


@pytest.mark.parametrize(
    ("answer", "decision"),
    [
        ({"decisions": [{"type": "reject"}]}, Decision(type="reject")),
        (
            {"decisions": [{"type": "edit", "edited_action": {"name": "approve_plan", "args": {"todo_list": EDITED}}}]},
            CHANGED,
        ),
    ],
)
def test_deep_agents_ui(answer: object, decision: Decision) -> None:
    """Source: langchain-ai/deep-agents-ui ToolApprovalInterrupt.tsx `handleReject`, `handleEdit`."""
    assert normalise(answer, PLAN_WAITS) == decision


@pytest.mark.parametrize("key", ["edited_action", "editedAction"])
@pytest.mark.parametrize("args", ["args", "arguments"])
def test_langchains_decisions_in_every_spelling(key: str, args: str) -> None:
    """Source: langchain human_in_the_loop.py `EditDecision`; langgraph-sdk-js hitl-interrupt-payload.ts."""
    answer = {"decisions": [{"type": "edit", key: {"name": "approve_plan", args: {"todo_list": EDITED}}}]}
    assert normalise(answer, PLAN_WAITS) == CHANGED
    assert normalise({"decisions": [{"type": "respond", "message": "use EMA"}]}, PLAN_WAITS) == REPLANNED


@pytest.mark.parametrize("new_cap", ["10", "1e1", "10.0", 10])
def test_a_number_in_a_text_field_is_a_number_again(new_cap: object) -> None:
    fields = {**CAPS, "cap": "1.5", "spent": "1.6", "new_cap": new_cap}
    answer = [{"type": "edit", "args": {"action": "raise_budget", "args": fields}}]
    assert normalise(answer, BUDGET_WAITS).args == {**CAPS, "new_cap": 10}


def test_text_that_was_text_stays_as_it_is_even_if_it_looks_like_json() -> None:
    waits = asked("escalation", {"patch": "", "said": None, "best": {"number": 1}}, "edit")
    given = {"patch": "[1]", "said": "{", "best": '{"number": 2}', "more": "7"}
    assert normalise({"type": "edit", "args": given}, waits).args == {**given, "best": {"number": 2}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "no decision"),
        (3, "no decision"),
        ("", "Unknown decision"),
        ("maybe", "Unknown decision 'maybe'"),
        ("{nonsense", "The answer is not JSON"),
        ("null", "Unknown decision"),
        ({}, "Unknown decision"),
        ({"type": "explode"}, "Unknown decision 'explode'"),
        ({"type": ["approve"]}, "Unknown decision"),
        ([], "one decision is needed, 0 came"),
        ([{}, {}], "one decision is needed, 2 came"),
        ([None], "no decision"),
        ({"decisions": []}, "one decision is needed, 0 came"),
        ({"decisions": {"type": "approve"}}, "something else came"),
        ({"decisions": [{"type": "approve"}, {"type": "approve"}]}, "one decision is needed, 2 came"),
        ({"type": "reject", "message": {"a": 1}}, "message: Input should be a valid string"),
        ({"type": "approve", "artifact_hash": 1}, "artifact_hash"),
        ({"type": "edit"}, "An edit needs the edited args"),
        ({"type": "edit", "args": "[1]"}, "An edit needs the edited args"),
        ({"type": "edit", "args": {"todo_list": "{items: 1}"}}, "todo_list is not JSON"),
        ({"type": "edit", "args": {"todo_list": "NaN"}}, "todo_list is not JSON"),
        ({"type": "edit", "args": {"todo_list": "[" * 100_000}}, "todo_list is not JSON"),
        ([{"type": "edit", "args": {"action": "approve_release", "args": {}}}], "approve_release does not wait here"),
    ],
)
def test_anything_else_is_refused_with_the_way_out(answer: object, said: str) -> None:
    with pytest.raises(DecisionRefused, match=said) as refused:
        normalise(answer, PLAN_WAITS)
    assert refused.value.hint


def test_an_answer_is_read_without_the_question_too() -> None:
    answer = [{"type": "edit", "args": {"action": "approve_plan", "args": {"todo_list": "{}"}}}]
    assert normalise(answer) == Decision(type="edit", args={"todo_list": "{}"})
