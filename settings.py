"""Every setting and limit, with its environment variable. Read once, from the environment and `.env`."""

from functools import lru_cache
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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

    docker_network: str = "none"
    sandbox_image: str | None = None
    """Unset: the image built from `tools/sandbox/image`."""
    sandbox_timeout: float = Field(default=300.0, gt=0)
    """Seconds for one run in the sandbox."""
    sandbox_memory: str = "1g"
    sandbox_cpus: float = Field(default=1.0, gt=0)
    sandbox_pids: int = Field(default=128, ge=1)
    sandbox_output_bytes: int = Field(default=200_000, ge=1)
    """Kept of each stream of each command."""
    infrastructure_tries: int = Field(default=3, ge=1)
    """Runs of one verdict when the surroundings fail."""


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
