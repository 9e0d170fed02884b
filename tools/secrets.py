"""Secrets in files: known kinds of keys, and passwords written into code. What is found is named, never shown."""

import re

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
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


def secrets(path: str, content: bytes) -> list[Finding]:
    """One finding per line and kind."""
    lines = content.decode("utf-8", "replace").splitlines()
    return [found for number, line in enumerate(lines, 1) for found in _in_line(path, number, line)]


def _in_line(path: str, number: int, line: str) -> list[Finding]:
    kinds = {"Google API key"} if GOOGLE_KEY.search(line) else set()
    kinds |= {detector.secret_type for detector in DETECTORS if any(detector.analyze_string(line))}
    return [
        Finding(gate="secrets", rule="secret", path=path, line=number, message=f"looks like a secret: {kind}")
        for kind in sorted(kinds)
    ]
