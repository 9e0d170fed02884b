"""Every setting and limit, with its environment variable. Read once, from the environment and `.env`."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

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
    event_stream_length: int = Field(default=100_000, ge=1)
    """Events that the Redis stream keeps, about."""
    webhook_secret: SecretStr | None = None
    """`whsec_` and base64: signs what webhooks are sent; unset: unsigned."""
    webhook_hosts: str = ""
    """Hosts that webhooks may go to, e.g. `hooks.example.org,*.example.com`; empty: any."""

    log_json: bool = False
    """Log lines as JSON objects; LangGraph's server reads the same variable."""
    log_level: str = Field(default="WARNING", pattern="^(?i:debug|info|warning|error|critical)$")
    """Of the command line; LangGraph's server reads the same variable, with INFO as its default."""
    otel_exporter_otlp_endpoint: str | None = None
    """Where traces go, by OTLP over HTTP; unset: none are made."""
    otel_content: bool = False
    """Prompts and answers of models in the traces."""

    langgraph_url: str | None = None
    """A LangGraph-compatible server that runs the graphs for the API; unset: the one that the API is part of."""
    langgraph_token: SecretStr | None = None
    """The token that the API shows to that server."""
    repo_roots: str = ""
    """Folders, with commas between them, in which repositories may be named; empty: anywhere."""
    script_models: bool = True
    """Whether `script:FILE` may be named as a model; it reads a file of this machine."""
    server_jobs: int = Field(default=10, ge=1)
    """Workflows that one server runs side by side; more wait their turn."""

    auth: Literal["required", "loopback"] = "required"
    """Who may use the server: holders of a token, or whoever sits at this machine. `aidev serve` sets it."""
    rate_limit: str = Field(default="600/minute", pattern=r"^(none|[1-9][0-9]*/(second|minute|hour|day))$")
    """Requests of one token's holder, or of one address."""
    max_body_bytes: int = Field(default=5_000_000, ge=1)
    """Bytes of one request's body."""
    cors_origins: str = ""
    """Origins whose pages may use the API, with commas between them, e.g. `https://chat.example.com`."""

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
