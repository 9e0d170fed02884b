"""Chat models that run in this process."""

from typing import Any

import pytest
from langchain_core.exceptions import OutputParserException
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from pydantic import BaseModel

from tools.models.local import Call, LocalModel, reply


class Sum(BaseModel):
    """An answer."""

    total: int


class Echo(LocalModel):
    """Answers with what it was asked."""

    @property
    def _llm_type(self) -> str:
        return "echo"

    def _answer(self, call: Call, prompt: str) -> AIMessage:
        return reply(prompt, f"{call.role}/{call.task_id}/{call.attempt}/{call.workflow_id}")


def test_metadata_names_the_call() -> None:
    metadata = {"role": "coder", "task_id": "t1", "attempt": 2, "workflow_id": "w"}
    answer = Echo().invoke("x", config={"metadata": metadata})
    assert answer.response_metadata == {"finish_reason": "STOP", "model_name": "coder/t1/2/w"}
    assert answer.usage_metadata is not None and answer.usage_metadata["total_tokens"] == 0


def test_the_prompt_is_what_people_said() -> None:
    messages = [SystemMessage("rules"), HumanMessage("one"), AIMessage("no"), HumanMessage("two")]
    assert Echo().invoke(messages).text == "one\ntwo"


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_structured_output_is_parsed(method: str) -> None:
    assert Echo().with_structured_output(Sum, method=method).invoke('{"total": 3}') == Sum(total=3)


def test_structured_output_of_a_json_schema_is_a_dict() -> None:
    assert Echo().with_structured_output(Sum.model_json_schema()).invoke('{"total": 3}') == {"total": 3}


def test_the_raw_answer_is_kept_beside_the_parsed() -> None:
    answer: dict[str, Any] = Echo().with_structured_output(Sum, include_raw=True).invoke('{"total": 3}')
    assert answer["parsed"] == Sum(total=3) and answer["parsing_error"] is None
    assert answer["raw"].text == '{"total": 3}'


def test_what_cannot_be_parsed_is_told() -> None:
    answer: dict[str, Any] = Echo().with_structured_output(Sum, include_raw=True).invoke("three")
    assert answer["parsed"] is None and isinstance(answer["parsing_error"], OutputParserException)
    assert answer["raw"].text == "three"
    with pytest.raises(OutputParserException):
        Echo().with_structured_output(Sum).invoke("three")


def test_tools_may_be_bound() -> None:
    assert Echo().bind_tools([Sum]).invoke("hello").text == "hello"
