"""Checkpoint bytes per todo: flat, since the state holds only references."""

import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.row import Row
from graph import driver
from state.database import pool

SIZES = (4, 16, 64)
BYTES = """
select (select coalesce(sum(pg_column_size(t.*)), 0) from checkpoints t where thread_id = %(id)s)
     + (select coalesce(sum(pg_column_size(t.*)), 0) from checkpoint_blobs t where thread_id = %(id)s)
     + (select coalesce(sum(pg_column_size(t.*)), 0) from checkpoint_writes t where thread_id = %(id)s) as bytes
"""


def rows() -> list[Row]:
    """Chains of 4, 16 and 64 small todos."""
    sizes = {count: bytes_per_todo(count) for count in SIZES}
    first = sizes[SIZES[0]]
    return [
        Row(f"checkpoint bytes per todo, {count} todos", f"{size:,.0f}", f"{SIZES[0]} todos", f"{size / first:.2f}")
        for count, size in sizes.items()
    ]


def bytes_per_todo(count: int) -> float:
    """Work off a chain of todos by a script and look at the database."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.json")
        script.write_text(json.dumps([entry for number in range(count) for entry in answers(number)]))
        given = {"request": "Numbers", "repo": None, "todo_list": todo_list(count)}
        context = {"model": f"script:{script}", "auto_approve": True}
        workflow_id = driver.create(given, context)  # type: ignore[arg-type]
        state = driver.run(workflow_id).values
    assert state["status"] == "completed", state["stop_reason"]
    with pool().connection() as connection:
        row = connection.execute(BYTES, {"id": workflow_id}).fetchone()
    return float((row or {})["bytes"]) / count


def todo_list(count: int) -> dict[str, Any]:
    """A chain: each todo needs the one before."""
    return {
        "todo_list_id": f"chain_{count}",
        "workflow_name": f"A chain of {count}",
        "created_at": "2026-01-01T00:00:00Z",
        "items": [item(number) for number in range(count)],
    }


def item(number: int) -> dict[str, Any]:
    """One small todo."""
    return {
        "id": f"n{number}",
        "title": f"The number {number}",
        "description": f"A function that gives the number {number}.",
        "agent_role": "coder",
        "priority": 1,
        "max_retries": 0,
        "dependencies": [f"n{number - 1}"] if number else [],
        "output_artifacts": [f"numerals/n{number}.py"],
        "acceptance_criteria": {"tests": [{"cmd": f"python -m pytest -q tests/test_n{number}.py"}]},
    }


def answers(number: int) -> list[dict[str, Any]]:
    """The architect's and the coder's answers."""
    name = f"n{number}"
    interface = {
        "name": name,
        "type": "function",
        "signature": f"def {name}() -> int",
        "return_type": "int",
        "module": f"numerals/{name}.py",
    }
    contract = {"contract_id": f"contract_{name}", "task_id": name, "version": "1.0.0", "interfaces": [interface]}
    test = f"from numerals.{name} import {name}\n\n\ndef test_{name}() -> None:\n    assert {name}() == {number}\n"
    code = f'"""A number."""\n\n\ndef {name}() -> int:\n    """{number}."""\n    return {number}\n'
    tests = [{"path": f"tests/test_{name}.py", "content": test}]
    specified = {"contract": contract, "tests": tests, "documentation": f"# {number}"}
    match = {"task_id": name}
    return [
        {"role": "architect", "match": match, "respond": specified},
        {"role": "coder", "match": match, "respond": {"files": [{"path": f"numerals/{name}.py", "content": code}]}},
    ]
