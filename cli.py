"""The command line: `aidev`. Results go to standard output, everything else to standard error."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import terminal.tokens
from schemas.errors import AidevError, BadInput, BudgetExceeded, SetupError, WorkflowBusy

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    help="From a request to a proven git branch.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(terminal.tokens.app, name="token")
Model = Annotated[
    str | None, typer.Option("--model", help="gemini-…, offline, offline:faulty, script:FILE or provider:model")
]
Repo = Annotated[Path | None, typer.Option("--repo", help="Your git repository; your checkout stays as it is")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output")]
Usd = Annotated[float | None, typer.Option("--budget", help="US dollars for model calls")]
Tokens = Annotated[int | None, typer.Option("--budget-tokens", help="Tokens for model calls")]
Calls = Annotated[int | None, typer.Option("--budget-calls", help="Model calls")]
Seconds = Annotated[float | None, typer.Option("--budget-seconds", help="Seconds of work, waiting not counted")]
WorkflowId = Annotated[str, typer.Argument(metavar="ID", help="Workflow id, or its first 6 characters or more")]
EXIT_CODES = {"completed": 0, "waiting": 3}
"""By status of the workflow; every other status is 1."""


@app.command()
def run(
    request: Annotated[str, typer.Argument(help="What to build, in plain English")] = "",
    repo: Repo = None,
    model: Model = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: approve the plan and the release")] = False,
    budget: Usd = None,
    budget_tokens: Tokens = None,
    budget_calls: Calls = None,
    budget_seconds: Seconds = None,
    as_json: Json = False,
    todo_list: Annotated[
        Path | None, typer.Option("--todo-list", help="Work off this list instead of planning")
    ] = None,
) -> None:
    """Plan, build and prove a request; the result is a git branch with its evidence."""
    from graph import driver
    from schemas.reading import read_document
    from state.options import RunContext
    from terminal.session import Session

    limits = caps(budget, budget_tokens, budget_calls, budget_seconds)
    context: RunContext = {"auto_approve": yes, **{f"budget_{kind}": cap for kind, cap in limits.items()}}  # type: ignore[typeddict-item]
    if model:
        context["model"] = model
    document = read_document(todo_list) if todo_list else None
    folder = str(repo.expanduser().resolve()) if repo else None
    driver.ready()
    workflow_id = driver.create({"request": request, "repo": folder, "todo_list": document}, context)
    finish(Session(console(), workflow_id, ask=not yes and not as_json), as_json)


@app.command()
def plan(
    request: Annotated[str, typer.Argument(help="What to build, in plain English")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the list to this file")] = None,
    repo: Repo = None,
    model: Model = None,
) -> None:
    """Plan only: print the todo list, or write it to a file for `run --todo-list`."""
    from graph import driver
    from terminal.evidence import plan_table

    context = {"model": model} if model else {}
    found = driver.plan({"request": request, "repo": str(repo.resolve()) if repo else None}, context)  # type: ignore[arg-type]
    text = json.dumps(found, indent=2, ensure_ascii=False)
    if output:
        output.write_text(text + "\n", encoding="utf-8")
        console().print(plan_table(found))
    else:
        print(text)


@app.command()
def resume(
    workflow_id: WorkflowId,
    approve: Annotated[bool, typer.Option("--approve", help="Approve what waits")] = False,
    reject: Annotated[str | None, typer.Option("--reject", metavar="WHY", help="Reject what waits")] = None,
    respond: Annotated[
        str | None, typer.Option("--respond", metavar="TEXT", help="Answer with a remark or hint")
    ] = None,
    edit: Annotated[Path | None, typer.Option("--edit", metavar="FILE", help="Use this todo list instead")] = None,
    patch: Annotated[
        Path | None, typer.Option("--patch", metavar="FILE", help="Mend a failed todo with this unified diff")
    ] = None,
    test_wrong: Annotated[
        str | None, typer.Option("--test-wrong", metavar="WHY", help="Have a failed todo's tests written anew")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="The todo that the answer is for, where several wait")
    ] = None,
    budget: Usd = None,
    budget_tokens: Tokens = None,
    budget_calls: Calls = None,
    budget_seconds: Seconds = None,
    yes: Annotated[bool, typer.Option("--yes", help="Approve everything from here on")] = False,
    as_json: Json = False,
) -> None:
    """Go on from the last finished step, after an answer or a crash."""
    from graph import driver
    from terminal.answers import Options
    from terminal.session import Session

    row = driver.resumable(workflow_id)
    decision = Options(approve, reject, respond, edit, patch, test_wrong).decision()
    driver.raise_budget(row.workflow_id, **caps(budget, budget_tokens, budget_calls, budget_seconds))
    session = Session(console(), row.workflow_id, ask=not as_json, answer_all=yes)
    finish(session, as_json, decision, task)


@app.command()
def status(
    workflow_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One workflow; none: the newest ones")
    ] = None,
    as_json: Json = False,
) -> None:
    """Where a workflow stands, or a list of the newest."""
    from graph.outcome import outcome, overview
    from terminal.evidence import outcome_panel
    from terminal.listing import workflows_table

    found: Any = outcome(workflow_id) if workflow_id else overview()
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        printer().print(outcome_panel(found) if workflow_id else workflows_table(found))


@app.command()
def show(workflow_id: WorkflowId, as_json: Json = False) -> None:
    """Plan, stages, evidence, branches and cost of a workflow."""
    from graph.outcome import everything
    from terminal.listing import story

    found = everything(workflow_id)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for part in story(found):
        printer().print(part)


@app.command()
def diff(
    workflow_id: WorkflowId,
    task: Annotated[str | None, typer.Argument(help="One todo; none: the whole release")] = None,
) -> None:
    """What a workflow, or one of its todos, changed."""
    from graph.outcome import changes
    from terminal.diff import diff_view

    text = changes(workflow_id, task)
    if sys.stdout.isatty():
        printer().print(diff_view(text))
    else:
        print(text, end="")


@app.command()
def cancel(
    workflow_id: WorkflowId, why: Annotated[str, typer.Option("--why", help="For those who look later")] = ""
) -> None:
    """Stop a workflow where it is, whoever drives it; its finished steps stay, and it can be resumed."""
    from graph import driver

    print(driver.cancel(workflow_id, why))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check engine, image, database, Redis, git, key and model; calls no model."""
    from terminal.evidence import doctor_table
    from tools.doctor import checks

    found = checks()
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        printer().print(doctor_table(found))
    raise typer.Exit(2 if any(check["status"] == "FAIL" for check in found) else 0)


@app.command()
def metrics(as_json: Json = False) -> None:
    """Pass rate, time, cost and backlog over all workflows, as Prometheus reads them.

    Everything comes from the database; the server shows the same at /metrics.
    """
    from tools import metrics as measured

    found = measured.read()
    print(measured.as_json(found) if as_json else measured.text(found), end="\n" if as_json else "")


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", help="Port")] = 2024,
    host: Annotated[str, typer.Option("--host", help="Any but loopback needs a token: aidev token add")] = "127.0.0.1",
    auth: Annotated[bool, typer.Option("--auth", help="Ask for a token on loopback too")] = False,
    studio: Annotated[bool, typer.Option("--studio", help="Let LangSmith Studio's page in the browser use it")] = False,
) -> None:
    """Start the server: API, approval page and this project's graphs on LangGraph's own server."""
    from server.dev import check_port, check_somebody_may_enter, command, environment

    check_somebody_may_enter(host, auth)
    check_port(host, port)
    os.chdir(Path(__file__).parent)
    os.execve(sys.executable, command(host, port), environment(host, auth, studio))  # noqa: S606


def caps(usd: float | None, tokens: int | None, calls: int | None, seconds: float | None) -> dict[str, float | None]:
    """The limits that were given, by kind."""
    given = {"usd": usd, "tokens": tokens, "calls": calls, "seconds": seconds}
    return {kind: cap for kind, cap in given.items() if cap is not None}


def finish(session: Any, as_json: bool, decision: Any = None, task: str | None = None) -> None:
    """Drive a workflow, print how it stands, and exit with its code."""
    from graph.outcome import outcome
    from settings import settings
    from terminal.evidence import ended_panel, outcome_panel
    from tools import logs

    if settings().log_json:
        logs.configure()
    code = None
    try:
        session.follow(decision, task)
    except AidevError as error:
        report(error)
        code = exit_code(error)
        if isinstance(error, BadInput) and not as_json:
            raise typer.Exit(code) from error
    result = outcome(session.workflow_id)
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        seen_live = console().is_terminal and result["status"] == "completed"
        console().print(ended_panel(result) if seen_live else outcome_panel(result))
    if code or result["status"] != "completed":
        session.say_how_to_go_on()
    raise typer.Exit(code if code is not None else EXIT_CODES.get(result["status"], 1))


def console() -> "Console":
    """For people: standard error."""
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False)


def printer() -> "Console":
    """For results: standard output."""
    from rich.console import Console

    return Console(markup=False, highlight=False)


def exit_code(error: AidevError) -> int:
    """2: bad input or set-up; 1: everything else that stopped the work."""
    return 2 if isinstance(error, BadInput | SetupError | WorkflowBusy) and not isinstance(error, BudgetExceeded) else 1


def report(error: AidevError) -> None:
    """The error, and the way out."""
    print(f"aidev: {error.message}", file=sys.stderr)
    if error.hint:
        print(f"       {error.hint}", file=sys.stderr)


def main() -> None:
    """Run a command; what a person typed never ends in a traceback."""
    try:
        app()
    except AidevError as error:
        report(error)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
