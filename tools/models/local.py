"""Chat models that run in this process: no key, no network, the same answer each time."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda, RunnableMap, RunnablePassthrough
from langchain_core.tools import BaseTool
from pydantic import BaseModel


@dataclass(frozen=True)
class Call:
    """Who asks: the metadata that comes with a call."""

    role: str
    task_id: str = ""
    attempt: int = 1
    """1 is the first try of a todo."""
    workflow_id: str = ""

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> "Call":
        """The call that LangChain's config metadata speaks of."""
        return cls(
            role=str(metadata.get("role") or ""),
            task_id=str(metadata.get("task_id") or ""),
            attempt=int(metadata.get("attempt") or 1),
            workflow_id=str(metadata.get("workflow_id") or ""),
        )


def reply(content: str, model_name: str, finish_reason: str = "STOP") -> AIMessage:
    """An answer as the services give it; it has cost no tokens."""
    return AIMessage(
        content=content,
        response_metadata={"finish_reason": finish_reason, "model_name": model_name},
        usage_metadata={"input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
    )


class LocalModel(BaseChatModel):
    """Base of the models that need no service."""

    @abstractmethod
    def _answer(self, call: Call, prompt: str) -> AIMessage:
        """The answer to a prompt; raises what a service would raise."""

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        call = Call.from_metadata((run_manager.metadata if run_manager else None) or {})
        prompt = "\n".join(message.text for message in messages if isinstance(message, HumanMessage))
        return ChatResult(generations=[ChatGeneration(message=self._answer(call, prompt))])

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model itself: it answers at once and calls no tool."""
        return self.bind(tools=tools, tool_choice=tool_choice, **kwargs)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """The model, with its JSON text parsed; `include_raw` gives `raw`, `parsed` and `parsing_error`."""
        parser = _parser(schema)
        if not include_raw:
            return self | parser
        parsed = RunnablePassthrough.assign(parsed=_raw | parser, parsing_error=lambda _: None)
        unparsed = RunnablePassthrough.assign(parsed=lambda _: None)
        return RunnableMap(raw=self) | parsed.with_fallbacks([unparsed], exception_key="parsing_error")


_raw: Runnable[dict[str, Any], Any] = RunnableLambda(lambda answer: answer["raw"])


def _parser(schema: dict[str, Any] | type) -> Runnable[Any, Any]:
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        return PydanticOutputParser(pydantic_object=schema)
    return JsonOutputParser()
