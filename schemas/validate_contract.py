"""`python -m schemas.validate_contract FILE [--type …]`. Exit 0: valid; 1: one fault per line; 2: unreadable."""

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from schemas.errors import BadInput, InvalidDocument
from schemas.event_data import event_problems
from schemas.reading import read_document
from schemas.validation import contract_problems, report_problems, todo_problems

CHECKS: dict[str, Callable[[object], list[str]]] = {
    "todo": todo_problems,
    "contract": contract_problems,
    "test_report": report_problems,
    "event": event_problems,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge one file; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m schemas.validate_contract", description="Judge a JSON document.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--type", choices=CHECKS, default="todo", help="what the file should be (default: todo)")
    given = parser.parse_args(arguments)
    try:
        problems = CHECKS[given.type](read_document(given.file))
    except InvalidDocument as error:
        problems = error.problems
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(problems) or f"valid {given.type}")
    return 1 if problems else 0


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
