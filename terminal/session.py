"""One workflow in a terminal: live progress, questions to the person, and a clean stop."""

import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.prompt import Prompt

from graph import driver
from nodes.approval import fitting
from schemas.decision import Decision, DecisionType
from schemas.errors import BadInput
from schemas.reading import read_document
from schemas.validation import parse_todo_list
from state import workflows
from terminal.evidence import approval_panel
from terminal.progress import Progress
from tools.events import recorded, subscribe
from tools.sandbox.container import stop_making
from tools.sandbox.docker import remove_own

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERRUPTED = 130
CHOICES: dict[str, DecisionType] = {"a": "approve", "e": "edit", "r": "respond", "x": "reject"}


class Session:
    """Drives a workflow; asks the person where someone is at the terminal."""

    def __init__(self, console: Console, workflow_id: str, ask: bool, answer_all: bool = False) -> None:
        self.console, self.workflow_id, self.answer_all = console, workflow_id, answer_all
        self.ask = ask and sys.stdin.isatty() and console.is_terminal

    def follow(self, decision: Decision | None = None, task: str | None = None) -> None:
        """Until the workflow ends, or waits for someone who is not here."""
        while True:
            with self.progress():
                state = driver.run(self.workflow_id, decision, task)
            if not state.interrupts or not (self.ask or self.answer_all):
                return
            payload = state.interrupts[0].value
            task = payload.get("task_id")
            decision = Decision(type="approve") if self.answer_all else self.question(payload)

    @contextmanager
    def progress(self) -> "Iterator[None]":
        """Live progress from the events of this process; Ctrl-C stops at once and leaves nothing running."""
        before = signal.signal(signal.SIGINT, self.stop)
        try:
            with Progress(self.console, self.workflow_id, recorded(self.workflow_id)) as shown:
                unsubscribe = subscribe(shown.handle)
                try:
                    yield
                finally:
                    unsubscribe()
        finally:
            signal.signal(signal.SIGINT, before)

    def stop(self, *_: object) -> None:
        """Every finished step is in the database: remove the containers and go."""
        stop_making()
        remove_own()
        beside_the_live_table("\033[?25h\nStopped.\n" if self.console.is_terminal else "\nStopped.\n")
        self.say_how_to_go_on()
        os._exit(INTERRUPTED)

    def question(self, payload: dict[str, Any]) -> Decision:
        """Ask until there is a usable decision."""
        self.console.print(approval_panel(payload))
        allowed: list[str] = payload["review_configs"][0]["allowed_decisions"]
        keys = [key for key, decision in CHOICES.items() if decision in allowed]
        words = ", ".join(f"{key} = {CHOICES[key]}" for key in keys)
        while True:
            key = Prompt.ask(f"Your decision ({words})", choices=keys, show_choices=False, console=self.console)
            try:
                return fitting(payload, self.decision(CHOICES[key], payload))
            except BadInput as error:
                self.console.print(f"{error}")

    def decision(self, kind: DecisionType, payload: dict[str, Any]) -> Decision:
        """The rest of the decision: a remark, a reason, or an edited plan."""
        if kind == "edit":
            return Decision(type=kind, args={"todo_list": edited(payload["action_requests"][0]["args"]["todo_list"])})
        if kind == "approve":
            return Decision(type=kind)
        return Decision(type=kind, message=Prompt.ask("Why" if kind == "reject" else "Say it", console=self.console))

    def say_how_to_go_on(self) -> None:
        """The commands that go on from here."""
        row = workflows.get(self.workflow_id)
        if row.status in ("completed", "rejected", "blocked"):
            lines = [f"aidev show {self.workflow_id}"]
        elif row.status == "waiting":
            lines = [f"aidev resume {self.workflow_id} --approve | --reject WHY | --respond TEXT | --edit FILE"]
        else:
            lines = [f"aidev resume {self.workflow_id}"]
        beside_the_live_table("".join(f"To go on: {line}\n" for line in lines))


def beside_the_live_table(text: str) -> None:
    """To the real standard error: while the table is live, `sys.stderr` is rich's and holds text back."""
    real = sys.__stderr__ or sys.stderr
    real.write(text)
    real.flush()


def edited(todo_list: dict[str, Any]) -> dict[str, Any]:
    """The list as the person leaves it in their editor. Raises BadInput."""
    text = click.edit(json.dumps(todo_list, indent=2, ensure_ascii=False), extension=".json")
    if text is None:
        raise BadInput("Nothing was changed.", "Save the file in the editor, or choose another answer.")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadInput(f"The edited list is not JSON: {error}.") from error
    return parse_todo_list(document).model_dump(mode="json", exclude_none=True)


def decision_of(approve: bool, reject: str | None, respond: str | None, edit: Path | None) -> Decision | None:
    """The decision that the options of `resume` say; None when they say none. Raises BadInput for more than one."""
    given = [approve, reject is not None, respond is not None, edit is not None]
    if sum(given) > 1:
        raise BadInput("More than one answer.", "Give one of --approve, --reject, --respond, --edit.")
    if edit is not None:
        return Decision(type="edit", args={"todo_list": read_document(edit)})
    if approve:
        return Decision(type="approve")
    if reject is not None:
        return Decision(type="reject", message=reject)
    return Decision(type="respond", message=respond) if respond is not None else None
