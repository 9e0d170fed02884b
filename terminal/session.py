"""One workflow in a terminal: live progress, questions to the person, and a clean stop."""

import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from rich.console import Console
from rich.prompt import Prompt

from graph import driver
from graph.driving import cancelled
from nodes.approval import fitting
from schemas.decision import Decision, DecisionType
from schemas.errors import BadInput, DatabaseUnavailable
from state import workflows
from terminal.answers import CHOICES, asked
from terminal.progress import Progress
from terminal.question import approval_panel
from tools.events import recorded, subscribe
from tools.sandbox.container import stop_making
from tools.sandbox.docker import remove_own

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERRUPTED = 130
NEVER_FOR_ALL = ("raise_budget", "surroundings")
"""Questions that `--yes` does not answer: money, and what only a person can put right."""


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
            if not self.ask and payload["action_requests"][0]["name"] in NEVER_FOR_ALL:
                return
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
        with suppress(psycopg.Error, DatabaseUnavailable):  # a database that is away keeps nobody here
            cancelled(self.workflow_id, "stopped with Ctrl-C", at_once=True)
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
                return fitting(payload, asked(self.console, CHOICES[key], payload))
            except BadInput as error:
                self.console.print(f"{error}")

    def say_how_to_go_on(self) -> None:
        """The commands that go on from here."""
        row = workflows.get(self.workflow_id)
        if row.status in ("completed", "rejected", "blocked"):
            lines = [f"aidev show {self.workflow_id}"]
        elif row.status == "waiting":
            lines = [f"aidev resume {self.workflow_id} {answers}" for answers in self.possible()]
        else:
            lines = [f"aidev resume {self.workflow_id}"]
        beside_the_live_table("".join(f"To go on: {line}\n" for line in lines))

    def possible(self) -> list[str]:
        """The options of `aidev resume` that answer what waits, one line per question."""
        found = []
        for waiting in driver.snapshot(self.workflow_id).interrupts:
            action, review = waiting.value["action_requests"][0], waiting.value["review_configs"][0]
            options = " | ".join(option(kind, action["name"]) for kind in review["allowed_decisions"])
            task = waiting.value.get("task_id")
            found.append(f"--task {task} {options}" if task else options)
        return found or ["--approve"]


def option(kind: DecisionType, name: str) -> str:
    """The option, or options, that give this answer to this question."""
    edits = {"escalation": "--patch FILE | --test-wrong WHY", "raise_budget": "--budget USD"}
    usual = {"approve": "--approve", "reject": "--reject WHY", "respond": "--respond TEXT", "edit": "--edit FILE"}
    return edits.get(name, usual[kind]) if kind == "edit" else usual[kind]


def beside_the_live_table(text: str) -> None:
    """To the real standard error: while the table is live, `sys.stderr` is rich's and holds text back."""
    real = sys.__stderr__ or sys.stderr
    real.write(text)
    real.flush()
