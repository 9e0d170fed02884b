"""Secrets in files: known kinds of keys. What is found is named, never shown."""

import re

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

from schemas.finding import Finding

GOOGLE_KEY = re.compile(r"AIza[0-9A-Za-z_-]{35}")
"""detect-secrets knows no Google keys."""
DETECTORS = (
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SlackDetector",
    "StripeDetector",
    "TwilioKeyDetector",
)
"""Kinds with a form of their own; entropy alone would accuse every digest and table of numbers."""
LONGEST_LINE = 10_000


def secrets(path: str, content: bytes) -> list[Finding]:
    """One finding per line and kind."""
    text = content.decode("utf-8", "replace")
    with transient_settings({"plugins_used": [{"name": name} for name in DETECTORS]}):
        return [found for number, line in enumerate(text.splitlines(), 1) for found in _in_line(path, number, line)]


def _in_line(path: str, number: int, line: str) -> list[Finding]:
    kinds = {"Google API key"} if GOOGLE_KEY.search(line) else set()
    kinds |= {secret.type for secret in scan_line(line[:LONGEST_LINE])}
    return [
        Finding(gate="secrets", rule="secret", path=path, line=number, message=f"looks like a secret: {kind}")
        for kind in sorted(kinds)
    ]
