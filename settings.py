"""Every setting and limit, with its environment variable. Read once, from the environment and `.env`."""

from functools import lru_cache
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import BadInput


class Settings(BaseSettings):
    """Names in the environment are the field names in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", use_attribute_docstrings=True
    )

    aidev_home: Path = Field(default_factory=lambda: user_data_path("aidev"))
    """Folder of the embedded database and of repositories made for workflows."""
    db_url: str | None = None
    """A Postgres server; unset: an embedded one under `AIDEV_HOME`."""
    redis_host: str | None = None
    """A Redis server for the message bus; unset: none."""
    redis_port: int = 6379

    google_api_key: SecretStr | None = None
    model_name: str | None = None
    """Unset: Gemini where `GOOGLE_API_KEY` is set, else `offline`."""
    google_gemini_base_url: str | None = None
    """Another address that speaks Gemini's protocol."""
    model_timeout: float = Field(default=120.0, gt=0)
    """Seconds for one model call in all."""
    model_tries: int = Field(default=4, ge=1)
    """Requests for one model call, when the service is busy or broken."""
    answer_tries: int = Field(default=3, ge=1)
    """Times a model is asked for an answer that validates."""

    task_timeout: int = Field(default=300, ge=1)
    """Seconds of work for a todo that names no `timeout_seconds`."""
    max_retries: int = Field(default=3, ge=0, le=10)
    """Tries after the first for a todo that names no `max_retries`."""
    max_concurrency: int = Field(default=4, ge=1)
    """Todos side by side."""

    max_branch_depth: int = Field(default=2, ge=1, le=2)
    """How deep debugging may go: 1 is a todo's own branch, 2 a todo that the integration has opened again."""
    max_branches: int = Field(default=2, ge=1)
    """Debugging steps side by side."""
    max_branch_attempts: int = Field(default=40, ge=0)
    """Debug attempts of a whole workflow."""
    branch_timeout: int = Field(default=600, ge=1)
    """Seconds of work in one branch todo."""
    no_progress: int = Field(default=2, ge=1)
    """Debug attempts in a row that mend nothing, before a todo is given up."""
    surroundings_tries: int = Field(default=3, ge=0)
    """Times a step is met again after engine or machine failed; it costs no attempt."""
    model_output_tries: int = Field(default=1, ge=0)
    """The same after a model gave no usable answer in `ANSWER_TRIES`."""
    backoff: float = Field(default=1.0, ge=0)
    """Seconds before a step is met again; each further time it waits twice as long."""

    todo_budget_usd: float | None = Field(default=None, ge=0)
    """US dollars for the model calls of one todo; unset: only the workflow's budget holds. The next three likewise."""
    todo_budget_tokens: int | None = Field(default=None, ge=0)
    todo_budget_calls: int | None = Field(default=None, ge=0)
    todo_budget_seconds: float | None = Field(default=None, gt=0)

    docker_network: str = "none"
    sandbox_image: str | None = None
    """Unset: the image built from `tools/sandbox/image`."""
    sandbox_timeout: float = Field(default=300.0, gt=0)
    """Seconds for one run in the sandbox."""
    sandbox_memory: str = Field(default="1g", pattern=r"^[0-9]+[bkmg]?$")
    sandbox_cpus: float = Field(default=1.0, gt=0)
    sandbox_pids: int = Field(default=128, ge=1)
    sandbox_output_bytes: int = Field(default=200_000, ge=1)
    """Kept of each stream of each command."""
    sandbox_runtime: str | None = None
    """A runtime that the engine knows, such as `runsc`; unset: the engine's default."""
    sandbox_ready: int = Field(default=2, ge=0)
    """Containers kept ready for the next run; 0: each is made when it is needed."""

    mutation_sample: int = Field(default=10, ge=0)
    """Mutants of a todo's code that are tried on its sealed tests; 0: none."""
    mutation_bar: float = Field(default=0.6, ge=0, le=1)
    """The share of them that the tests have to notice."""
    mutation_seconds: float = Field(default=30.0, gt=0)
    """For all mutants of one verdict."""

    change_files: int = Field(default=100, ge=1)
    """Files that a coder may write in one change."""
    change_bytes: int = Field(default=2_000_000, ge=1)
    """Bytes that a coder may write in one change."""
    screen_allow: str = ""
    """Rules of the screen that are switched off, with commas between them, e.g. `ctypes,trace`."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Raises BadInput for values that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        raise BadInput(f"These settings cannot be used: {'; '.join(faults)}", "See .env.example.") from None
