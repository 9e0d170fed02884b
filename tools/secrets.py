"""Secrets in files: known kinds of keys, and passwords written into code. What is found is named, never shown."""

import re
from collections.abc import Iterator

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.keyword import KeywordDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from schemas.finding import Finding

GOOGLE_KEY = re.compile(r"AIza[0-9A-Za-z_-]{35}")
"""detect-secrets knows no Google keys."""
DETECTORS = (
    AWSKeyDetector(),
    AzureStorageKeyDetector(),
    GitHubTokenDetector(),
    GitLabTokenDetector(),
    JwtTokenDetector(),
    OpenAIDetector(),
    PrivateKeyDetector(),
    PypiTokenDetector(),
    SlackDetector(),
    StripeDetector(),
    TwilioKeyDetector(),
)
"""Called one by one: no settings shared between threads, and no comment that switches them off."""

KEYWORDS = KeywordDetector()
MACHINE_MADE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w+/=-]{16,}", re.ASCII)
"""What a `password = "…"` must look like to be taken for a real one: examples and patterns are not accused."""
WINDOW, OVERLAP = 2_048, 512
"""Characters of a line that are searched at a time: some patterns take the square of the length."""


def secrets(path: str, content: bytes) -> list[Finding]:
    """One finding per line and kind."""
    lines = content.decode("utf-8", "replace").splitlines()
    found = ((number, kind) for number, line in enumerate(lines, 1) for kind in sorted(_kinds(path, line)))
    return [
        Finding(gate="secrets", rule="secret", path=path, line=number, message=f"looks like a secret: {kind}")
        for number, kind in found
    ]


def _kinds(path: str, line: str) -> set[str]:
    parts = [line[start : start + WINDOW] for start in range(0, max(1, len(line) - OVERLAP), WINDOW - OVERLAP)]
    return {kind for part in parts for kind in _kinds_in(path, part)}


def _kinds_in(path: str, text: str) -> Iterator[str]:
    if GOOGLE_KEY.search(text):
        yield "Google API key"
    yield from (detector.secret_type for detector in DETECTORS if any(detector.analyze_string(text)))
    written = KEYWORDS.analyze_line(path, text) if path.endswith(".py") else set()
    if any(MACHINE_MADE.fullmatch(secret.secret_value or "") for secret in written):
        yield KEYWORDS.secret_type
