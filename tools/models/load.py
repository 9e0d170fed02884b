"""From a name to a chat model."""

from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from schemas.errors import UnknownModel
from settings import settings

GEMINI = "gemini-3.8-flash"
"""The default where there is a key."""
RETIRED = {
    "gemini-1.*": (date(2025, 9, 24), GEMINI),
    "gemini-2.0-*": (date(2026, 6, 1), GEMINI),
    "gemini-2.5-pro": (date(2026, 12, 1), "gemini-3.8-flash"),
    "gemini-2.5-flash": (date(2026, 12, 1), "gemini-3.5-flash-lite"),
    "gemini-3-pro-preview": (date(2026, 3, 9), "gemini-3.1-pro-preview"),
    "gemini-3.1-flash-lite-preview": (date(2026, 5, 25), "gemini-3.1-flash-lite"),
}
"""Names → day of the shutdown, and what to use instead. As announced in November 2026, for the Gemini API:
https://ai.google.dev/gemini-api/docs/deprecations"""
KINDS = "Models: gemini-…, offline, offline:faulty, script:FILE, or provider:model with LangChain's extra installed."


def default_model() -> tuple[str, str]:
    """The name of the model that is used when none is named, and why."""
    if name := settings().model_name:
        return name, "MODEL_NAME"
    if settings().google_api_key:
        return GEMINI, "GOOGLE_API_KEY is set"
    return "offline", "no GOOGLE_API_KEY and no MODEL_NAME"


def retirement(name: str) -> str | None:
    """A sentence about a model that was or will be shut down; None for one that goes on, as far as known."""
    for names, (day, instead) in RETIRED.items():
        if fnmatchcase(name, names):
            when = "was shut down" if day <= date.today() else "will be shut down"
            return f"{when} on {day.isoformat()}; use {instead}"
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
    if name.startswith(("gemini-", "google_genai:")):
        return _gemini(name.removeprefix("google_genai:"))
    if ":" in name:
        return _from_provider(name)
    raise UnknownModel(f"There is no model {name!r}.", _way_out(name))


def _way_out(name: str) -> str:
    near = get_close_matches(name, ["offline", "offline:faulty", GEMINI], n=1)
    return (f"Did you mean {near[0]}? " if near else "") + KINDS


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
        raise UnknownModel(f"{name} needs a package that is not installed: {error}.", _way_out(name)) from error
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        raise UnknownModel(f"{name} cannot be used: {said}", _way_out(name)) from error
    return model
