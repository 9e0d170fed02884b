"""The name of the sandbox image, which changes with every file that goes into it.

`python -m tools.sandbox.image` prints it, for `scripts/image.sh`.
"""

import hashlib
from pathlib import Path

HERE = Path(__file__).parent


def image_name() -> str:
    """`aidev-sandbox:<hash>` of the image folder and of all that runs inside; what `scripts/image.sh` builds."""
    digest = hashlib.sha256()
    for path in _files():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(HERE).as_posix()} {len(content)}\n".encode() + content)
    return f"aidev-sandbox:{digest.hexdigest()[:12]}"


def _files() -> list[Path]:
    return sorted([*(HERE / "inside").glob("*.py"), *(HERE / "image").iterdir()])


if __name__ == "__main__":
    print(image_name())
