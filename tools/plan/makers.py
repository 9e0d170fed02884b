"""Who makes which file of a plan: the coder what the todo declares, the architect its sealed tests and its page."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from schemas.todo import TodoItem, TodoList
from schemas.validation import order
from tools.globs import covers, is_glob, overlap
from tools.plan.commands import File
from tools.verdict.suite import is_test_file
from tools.write_set import UNIT_TESTS, earlier


def sealable(path: str) -> bool:
    """Whether the architect may seal it as a test file."""
    return path.startswith("tests/") and not path.startswith(UNIT_TESTS) and is_test_file(path)


@dataclass(frozen=True)
class Makers:
    """The files of a valid plan."""

    plan: TodoList
    present: Collection[str]
    """Paths that the repository holds."""
    named: Mapping[str, Iterable[File]]
    """Todo → files that its commands name."""

    @cached_property
    def before(self) -> dict[str, set[str]]:
        """Todo → all that come before it."""
        return earlier(self.plan)

    @cached_property
    def sealed(self) -> dict[str, str]:
        """Test file → the todo whose architect seals it: the one of that name, else the first that names it."""
        items = {item.id: item for item in self.plan.items}
        named = [(path, task_id) for task_id in order(self.plan) for file in self.named[task_id] for path in file]
        named.sort(key=lambda pair: pair[0] != f"tests/test_{pair[1]}.py")
        found: dict[str, str] = {}
        for path, task_id in named:
            if sealable(path) and path not in self.present and not declares(items[task_id], path):
                found.setdefault(path, task_id)
        return found

    @cached_property
    def exact(self) -> dict[str, list[str]]:
        """Path → the todos that make it."""
        found: dict[str, list[str]] = {path: [task_id] for path, task_id in self.sealed.items()}
        for item in self.plan.items:
            for path in [*item.output_artifacts, f"docs/{item.id}.md", f".aidev/{item.id}/contract.json"]:
                if not is_glob(path):
                    found.setdefault(path.removeprefix("./"), []).append(item.id)
        return found

    @cached_property
    def wide(self) -> list[tuple[str, str]]:
        """Folders and globs, each with the todo that makes what they cover."""
        return [(path, item.id) for item in self.plan.items for path in item.output_artifacts if is_glob(path)]

    def makers(self, path: str) -> list[str]:
        """The todos that make a path, or some of a folder or glob."""
        if is_glob(path):
            found = [task_id for each, ids in self.exact.items() if covers(path, each) for task_id in ids]
        else:
            found = self.exact.get(path.removeprefix("./"), [])
        return [*found, *(task_id for pattern, task_id in self.wide if overlap(pattern, path))]

    def missing(self, item: TodoItem, file: File) -> str:
        """Why a file is not there when the todo needs it; "" when it is."""
        if any(self.held(path) for path in file):
            return ""
        makers = [task_id for path in file for task_id in self.makers(path)]
        if {item.id, *self.before[item.id]} & set(makers):
            return ""
        if makers:
            way_out = "leave it out" if item.id in self.before[makers[0]] else f"add {makers[0]} to the dependencies"
            return f"{file[0]} is made by {makers[0]}, which does not come before: {way_out}"
        return f"nobody makes {file[0]}, nor is it in the repository: declare it in output_artifacts, or leave it out"

    def held(self, path: str) -> bool:
        """Whether the repository holds it already, or some of it; tests are written in every todo."""
        if path in ("./", "tests/") or path.startswith(UNIT_TESTS):
            return True
        path = path.removeprefix("./")
        return path in self.present or (is_glob(path) and any(covers(path, each) for each in self.present))


def declares(item: TodoItem, path: str) -> bool:
    """Whether the todo's coder makes it."""
    return any(covers(pattern, path) for pattern in item.output_artifacts)
