"""`aidev token`: who may use the server."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from state.tokens import Token

app = typer.Typer(help="Tokens of those who use the server.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Whose it is; it is written beside what they approve")]


class RoleName(StrEnum):
    """Each may do what those before it may."""

    READER = "reader"
    OPERATOR = "operator"
    APPROVER = "approver"


@app.command()
def add(
    name: Name,
    role: Annotated[
        RoleName,
        typer.Option(
            "--role", help="reader: look; operator: also start and stop work; approver: also answer and spend"
        ),
    ],
) -> None:
    """Make a token and print it, this once."""
    from state import tokens

    print(tokens.add(name, role.value))


@app.command("list")
def show(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array")] = False) -> None:
    """Who has one, since when, and when it was last used."""
    from rich.console import Console

    from state import tokens

    found = tokens.listed()
    if as_json:
        print(json.dumps([row(token) for token in found], indent=2))
        return
    Console(markup=False, highlight=False).print(table(found))


@app.command()
def revoke(name: Name) -> None:
    """End a token and its sessions, within seconds; its name stays taken."""
    from state import tokens

    tokens.revoke(name)


def row(token: "Token") -> dict[str, str | None]:
    """A token as JSON."""
    times = {"created_at": token.created_at, "last_used_at": token.last_used_at, "revoked_at": token.revoked_at}
    said = {name: at.isoformat() if at else None for name, at in times.items()}
    return {"name": token.name, "role": token.role, **said}


def table(found: "list[Token]") -> object:
    """All of them for people."""
    from rich.table import Table

    view = Table("name", "role", "made", "last used", "revoked", box=None, header_style="bold")
    for token in found:
        times = [token.created_at, token.last_used_at, token.revoked_at]
        view.add_row(token.name, token.role, *[f"{at:%Y-%m-%d %H:%M}" if at else "–" for at in times])
    return view
