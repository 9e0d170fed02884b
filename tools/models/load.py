"""From a name to a chat model."""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from schemas.errors import UnknownModel
from settings import settings

GEMINI = "gemini-3.8-flash"
"""The default where there is a key."""
RETIRED = {
    "gemini-1.": (date(2025, 9, 24), GEMINI),
    "gemini-2.0-": (date(2026, 6, 1), GEMINI),
    "gemini-2.5-": (date(2026, 11, 12), GEMINI),
    "gemini-3-pro-preview": (date(2026, 3, 9), "gemini-3.1-pro-preview"),
}
"""Beginning of the name → shut down since, and what to use instead. Source: Google's list of Gemini deprecations."""
KINDS = "Models: gemini-…, offline, offline:faulty, script:FILE, or provider:model with LangChain's extra installed."


def default_model() -> tuple[str, str]:
    """The name of the model that is used when none is named, and why."""
    if name := settings().model_name:
        return name, "MODEL_NAME"
    if settings().google_api_key:
        return GEMINI, "GOOGLE_API_KEY is set"
    return "offline", "no GOOGLE_API_KEY and no MODEL_NAME"


def retirement(name: str) -> str | None:
    """A sentence about a model that was shut down; None for one that was not, as far as known."""
    for beginning, (since, instead) in RETIRED.items():
        if name.startswith(beginning):
            return f"shut down since {since.isoformat()}; use {instead}"
    return None


def check_model(name: str) -> None:
    """Raises UnknownModel, or BadInput for a script that cannot be read; calls nothing."""
    load_model(name)


def load_model(name: str, answered: Iterable[int] = ()) -> BaseChatModel:
    """The model. `answered`: entries of a script that earlier processes have used up. Raises UnknownModel, BadInput."""
    if name in ("offline", "offline:faulty"):
        from tools.models.offline.model import OfflineModel

        return OfflineModel(faulty=name.endswith(":faulty"))
    if name.startswith("script:"):
        from tools.models.script import ScriptModel

        return ScriptModel.from_file(Path(name.removeprefix("script:")), answered)
    if name.startswith("gemini-"):
        return _gemini(name)
    if ":" in name:
        return _from_provider(name)
    near = get_close_matches(name, ["offline", "offline:faulty", GEMINI], n=1)
    raise UnknownModel(f"There is no model {name!r}.", (f"Did you mean {near[0]}? " if near else "") + KINDS)


def _gemini(name: str) -> BaseChatModel:
    key = settings().google_api_key
    if key is None:
        raise UnknownModel(f"{name} needs a key: GOOGLE_API_KEY is not set.", "Set it, or use --model offline.")
    from langchain_google_genai import ChatGoogleGenerativeAI

    options: dict[str, Any] = {
        "model": name,
        "google_api_key": key,
        "timeout": settings().model_timeout,
        "max_retries": 1,
    }
    if settings().google_gemini_base_url:
        options["base_url"] = settings().google_gemini_base_url
    return ChatGoogleGenerativeAI(**options)


def _from_provider(name: str) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(name, timeout=settings().model_timeout, max_retries=0)
    except ImportError as error:
        raise UnknownModel(f"{name} needs a package that is not installed: {error}.", KINDS) from error
    except Exception as error:
        raise UnknownModel(f"{name} cannot be used: {str(error).splitlines()[0]}", KINDS) from error
    return model
