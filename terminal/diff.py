"""A unified diff as a person likes to read it: file by file, numbered, highlighted."""

from rich.console import Group, RenderableType
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, Line, PatchedFile, PatchSet

from terminal.text import harmless, one_line

THEME = "ansi_dark"
STYLES = {"+": "green", "-": "red"}


def diff_view(unified_diff: str) -> RenderableType:
    """Every file of a diff with its changes."""
    text = harmless(unified_diff).plain
    try:
        files = PatchSet(text)
    except UnidiffParseError:
        return Syntax(text, "diff", theme=THEME, background_color="default", word_wrap=True)
    if not files:
        return Text("No changes.", "dim")
    return Group(*(_file(file) for file in files))


def _file(file: PatchedFile) -> RenderableType:
    kind = "new " if file.is_added_file else "deleted " if file.is_removed_file else ""
    head = Text().append(kind, "dim").append_text(one_line(file.path, "bold"))
    head.append(f"  +{file.added}", "green").append(f" -{file.removed}", "red")
    changes = [part for hunk in file for part in (_place(hunk), _hunk(hunk, file.path))]
    return Group(head, *(changes or [Text("  no lines of text changed", "dim")]), Text())


def _place(hunk: Hunk) -> Text:
    return one_line(f"  @@ line {hunk.target_start} {hunk.section_header}", "cyan dim")


def _hunk(hunk: Hunk, path: str) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(justify="right", min_width=5, no_wrap=True)
    table.add_column(width=1)
    table.add_column(ratio=1, overflow="fold")
    lines = [line for line in hunk if line.line_type in "+- "]
    for line, code in zip(lines, _highlighted(lines, path), strict=False):
        style = STYLES.get(line.line_type, "dim")
        shown = Text(line.value.rstrip("\n"), "red") if line.line_type == "-" else code
        number = line.source_line_no if line.line_type == "-" else line.target_line_no
        table.add_row(Text(str(number), style), Text(line.line_type, style), shown)
    return table


def _highlighted(lines: list[Line], path: str) -> list[Text]:
    code = "".join(line.value for line in lines)
    syntax = Syntax("", Syntax.guess_lexer(path, code), theme=THEME, background_color="default")
    return list(syntax.highlight(code).split("\n", allow_blank=True))
