"""One acceptance command of a plan: what is wrong with it, which files it names, which tests it runs."""

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.todo import TestCommand
from tools.plan.exits import Mode, constant, hidden, imported
from tools.plan.programs import PROGRAMS, Run, run_of
from tools.plan.shell import Simple, simple_commands
from tools.plan.steady import not_run, pytest_words, unsteady
from tools.reserved import reserved

File = tuple[str, ...]
"""Paths of which one has to exist; a folder ends in `/`."""
_CONTROL = re.compile(r"!|\.|case|do|done|elif|else|esac|eval|fi|for|if|source|then|trap|until|while|\{|\}")
_WITH_VALUE = re.compile(
    r"-[Wckmnopr]|--(basetemp|capture|color|confcutdir|cov|cov-config|cov-report|deselect|dist|durations"
    r"|hypothesis-profile|hypothesis-seed|ignore|ignore-glob|import-mode|junit-xml|junitxml|log-level|maxfail"
    r"|override-ini|rootdir|tb|timeout|verbosity)"
)
_READERS = re.compile(r"cat|cmp|diff|egrep|fgrep|grep|head|md5sum|sha256sum|tail|wc")
_SUFFIX = re.compile(r"[\w./-]*\.[A-Za-z]\w*")
_PROVES_NOTHING = "ends the same way whatever the code does: run `python -m pytest -q tests/test_<id>.py`"


@dataclass
class Look:
    """What was seen of a command."""

    folder: str
    """Where the shell stands, relative to the root of the tree."""
    faults: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    """Files and folders (ending in `/`) whose tests pytest runs; "./" is the whole tree."""
    checks: bool = False
    """Whether its end depends on the code."""
    ran: bool = False
    """Whether something ran that may have written files."""

    def at(self, word: str) -> str:
        """A word as a path from the root of the tree."""
        path = posixpath.normpath(posixpath.join(self.folder, word))
        return f"{path}/" if word.endswith("/") or path == "." else path


def look(test: TestCommand) -> Look:
    """Everything about one command."""
    found = Look(posixpath.normpath(test.working_dir or "."))
    try:
        script(found, simple_commands(test.cmd), Mode(), test.env)
    except ValueError as error:
        found.faults.append(f"the shell cannot read it: {error}")
    if not found.checks and not found.faults:
        found.faults.append(_PROVES_NOTHING)
    if found.targets and test.expected_exit_code != 0 and not found.faults:
        found.faults.append(f"pytest shall end with {test.expected_exit_code}, which is a failure: expect 0")
    found.faults = list(dict.fromkeys(found.faults))
    return found


def script(found: Look, parts: Sequence[Simple], mode: Mode, env: Mapping[str, str]) -> None:
    """A shell's text."""
    control = next((part.words[0] for part in parts if part.words and _CONTROL.fullmatch(part.words[0])), None)
    if control == "!":
        found.faults.append("`!` takes a crash for a success: name the expected_exit_code")
    elif control:
        found.faults.append(f"`{control}` makes it a program: put that into a test, and run the test")
    if control:
        return
    found.faults += hidden(parts, mode)
    for part in parts:
        run = run_of(part.words)
        if run.kind == "shell":
            inner = Mode(bash=run.program == "bash").after(run.options)
            script(found, simple_commands(run.name), inner, {**env, **part.env})
        else:
            found.checks |= not constant(part)
            simple(found, part, run, {**env, **part.env})


def simple(found: Look, part: Simple, run: Run, env: Mapping[str, str]) -> None:
    """One command without operators, and those whose output it is given."""
    for inner in part.inner:
        simple(found, inner, run_of(inner.words), env)
    shaky = list(unsteady(part, run))
    found.faults += shaky or unknown(run)
    found.files += named(found, part, run)
    if run.kind == "pytest":
        told = pytest_words(run, env)
        found.faults += not_run(told)
        targets(found, told)
    if run.name == "cd" and run.arguments:
        found.folder = posixpath.normpath(posixpath.join(found.folder, run.arguments[0]))
        found.files.append((f"{found.folder}/",))
    found.ran |= run.kind in ("script", "module", "code") or bool(part.writes)


def unknown(run: Run) -> list[str]:
    """Why the program cannot be started."""
    if not run.program or run.program in PROGRAMS or "$" in run.program:
        return []
    if "/" in run.program:
        return [f"{run.program} cannot be executed by itself: run it as `python {run.program}` or `sh {run.program}`"]
    return [f"`{run.program}` is not in the sandbox: use python, pytest, sh, test, grep, diff and their like"]


def named(found: Look, part: Simple, run: Run) -> Iterator[File]:
    """Files of the tree that have to be there before it runs."""
    if run.kind == "script":
        yield (found.at(run.name), found.at(f"{run.name}/__main__.py"))
    elif run.kind == "module":
        yield from module(found, run.name, ("{}.py", "{}/__main__.py"))
    elif run.kind == "code":
        yield from code(found, run.name)
    if run.kind != "pytest":
        yield from ((found.at(word),) for word in run.arguments if tree_file(found, word))
    if not found.ran:
        yield from ((found.at(word),) for word in [*part.reads, *read(run)] if word != "/dev/null" and "$" not in word)


def tree_file(found: Look, word: str) -> bool:
    """Whether an argument is sure to be a file of the repository."""
    if not re.fullmatch(r"[\w./-]+", word) or word.startswith("-"):
        return False
    return word.endswith((".py", ".sh")) or found.at(word).startswith(("tests/", "fixtures/"))


def module(found: Look, name: str, forms: Sequence[str]) -> Iterator[File]:
    """Where a module that is not Python's own may lie."""
    if name.split(".")[0] not in reserved():
        path = name.replace(".", "/")
        yield tuple(found.at(root + form.format(path)) for form in forms for root in ("", "src/"))


def code(found: Look, text: str) -> Iterator[File]:
    """The modules that code imports, by their first name."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    for name in dict.fromkeys(each.split(".")[0] for each in imported(tree)):
        yield from module(found, name, ("{}.py", "{}/"))


def read(run: Run) -> Iterator[str]:
    """Files that a program of the shell's world looks into."""
    words = [word for word in run.arguments if not word.startswith("-")]
    if run.name in ("test", "["):
        pairs = zip(run.arguments, run.arguments[1:], strict=False)
        yield from (
            f"{word}/" if kind == "-d" else word for kind, word in pairs if kind in ("-d", "-e", "-f", "-r", "-s")
        )
    elif _READERS.fullmatch(run.program):
        patterns = 1 if run.program.endswith("grep") else 0
        yield from (word for word in words[patterns:] if _SUFFIX.fullmatch(word))


def targets(found: Look, words: Sequence[str]) -> None:
    """What pytest is told to run."""
    places = [word for before, word in zip(["", *words], words, strict=False) if not _WITH_VALUE.fullmatch(before)]
    paths = [word.split("::")[0] for word in places if not word.startswith("-")]
    for path in paths or ["."]:
        place = found.at(path) if path.endswith((".py", "/")) else found.at(f"{path}/")
        found.targets.append(place)
        if place != "./":
            found.files.append((place,))
