"""Whether a command's exit code says anything: what hides it, and what ends the same way whatever the code does."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.plan.programs import run_of
from tools.plan.shell import Simple
from tools.reserved import reserved

_ALWAYS = re.compile(r":|cd|echo|exit|export|false|mkdir|printf|pwd|set|touch|true|umask|unset")
"""Programs whose end does not depend on any code."""
_OPENING = re.compile(r"open|Path|exec|eval|runpy|subprocess|importlib|import_module|__import__|compile|system|popen")
_FILE_TEST = re.compile(r"-[a-zGLNOS]{1,2}")
_NOT_OF_FILES = {"-n", "-z", "-a", "-o", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"}


@dataclass(frozen=True)
class Mode:
    """How a shell treats failures."""

    bash: bool = False
    pipefail: bool = False
    errexit: bool = False

    def after(self, words: Sequence[str]) -> "Mode":
        """The same after `set …` or a shell's own options."""
        short = "".join(word for word in words if re.fullmatch(r"-[a-z]+", word))
        pipefail = self.pipefail or (self.bash and "pipefail" in words)
        return Mode(self.bash, pipefail, self.errexit or "e" in short or "errexit" in words)


def hidden(parts: Sequence[Simple], mode: Mode) -> Iterator[str]:
    """Where a failure would not be seen, with the way out."""
    for before, part, following in zip([Simple(), *parts], parts, [*parts[1:], Simple()], strict=False):
        mode = mode.after(part.words[1:]) if part.words[:1] == ["set"] else mode
        told = " ".join(part.words)
        if part.words[:1] == ["exit"] and part.then and before.then != "||":
            yield f"`{told}` ends it before the rest: leave it out"
        elif part.then == "||" and not fails(following):
            yield f"`||` hides how `{told}` ends: leave out what follows it"
        elif part.then == "&":
            yield f"`&` does not wait for `{told}`: run it in the foreground"
        elif part.then in ("|", "|&") and not (mode.pipefail or harmless(part)):
            yield f"the pipe hides how `{told}` ends: run it by itself, or in `bash -o pipefail -c '…'`"
        elif part.then in (";", ";;", "\n", ")", "(") and not (mode.errexit or harmless(part)):
            yield f"`;` hides how `{told}` ends: join the commands with `&&`"


def fails(part: Simple) -> bool:
    """Whether it only passes a failure on."""
    return part.words == ["false"] or (part.words[:1] == ["exit"] and part.words[1:] not in ([], ["0"]))


def harmless(part: Simple) -> bool:
    """Whether nothing is lost when it fails."""
    return constant(part) or part.words[:1] == ["cat"]


def constant(part: Simple) -> bool:
    """Whether it ends the same way whatever the code of the repository does."""
    run = run_of(part.words)
    if run.kind == "code":
        return not reaches(run.name)
    if run.name in ("test", "["):
        return not any("$" in word or "`" in word or _of_file(word) for word in run.arguments)
    return run.kind == "nothing" or (run.kind == "program" and bool(_ALWAYS.fullmatch(run.name)))


def _of_file(word: str) -> bool:
    return bool(_FILE_TEST.fullmatch(word)) and word not in _NOT_OF_FILES


def reaches(code: str) -> bool:
    """Whether Python code uses a module or a file that is not Python's own."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return True
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return any(map(_OPENING.fullmatch, names)) or any(
        module.split(".")[0] not in reserved() for module in imported(tree)
    )


def imported(tree: ast.AST) -> list[str]:
    """Modules that code imports."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
    return found
