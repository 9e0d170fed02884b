"""The artifact store: commits made by plumbing alone, in a person's repository or one of our own."""

import io
import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schemas.errors import ArtifactConflict, ArtifactError, BadInput, MergeConflict, UnsafePath, UnusableRepository
from schemas.ports import Change
from tools.git import Git, identity
from tools.paths import safe_change

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_REGULAR = ("100644", "100755")
_README = "# Made to order\n\n{request}\n\nRun the tests: `python -m pytest` (Python 3.11, numpy, pandas, pytest)\n"
PYPROJECT = '[tool.pytest.ini_options]\npythonpath = ["."]\naddopts = ["--import-mode=importlib"]\n'
_IGNORED = "__pycache__/\n.pytest_cache/\n.coverage\n"


def branch_name(workflow_id: str, task_id: str) -> str:
    """`ai/generated/<workflow_id>/<task_id>`. Raises BadInput for ids that git could take for something else."""
    for name in (workflow_id, task_id):
        if not _ID.fullmatch(name) or name == "HEAD" or name.endswith(".lock"):
            raise BadInput(f"{name!r} cannot be part of a branch name.")
    return f"ai/generated/{workflow_id}/{task_id}"


def open_repository(path: Path) -> "GitStore":
    """The repository that a folder belongs to. Raises UnusableRepository."""
    if not path.is_dir():
        raise UnusableRepository(f"There is no folder {path}.", "Give the folder of a git repository.")
    git = Git(path)
    found = git.run("rev-parse", "--is-bare-repository", "--show-toplevel")
    said = found.stderr.decode("utf-8", "replace")
    if "dubious ownership" in said:
        way_out = f"If you trust it: git config --global --add safe.directory {path}"
        raise UnusableRepository(f"{path} belongs to another user.", way_out)
    if found.stdout.startswith(b"true"):
        raise UnusableRepository(f"{path} is a bare repository.", "Give a clone of it that has a working tree.")
    if found.returncode:
        raise UnusableRepository(f"{path} is no git repository.", f"Make it one: git -C {path} init, add, commit")
    top = Path(found.stdout.decode().splitlines()[1])
    if Git(top).run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").returncode:
        raise UnusableRepository(f"{path} has no commit yet.", f"Make one: git -C {path} commit --allow-empty -m start")
    return GitStore(top)


def create_repository(path: Path, request: str, date: str) -> "GitStore":
    """A new repository with a README and a pytest configuration in its first commit; met again, the same."""
    path.mkdir(parents=True, exist_ok=True)
    git = Git(path)
    git("init", "--quiet", "--initial-branch=main", ".")
    store = GitStore(path)
    if store.resolve("main") is None:
        texts = {"README.md": _README.format(request=request), "pyproject.toml": PYPROJECT, ".gitignore": _IGNORED}
        files = {name: text.encode() for name, text in texts.items()}
        store.commit(Change("main", [], None, files, "start", "Start", date))
    (path / ".git/index.lock").unlink(missing_ok=True)
    git("reset", "--quiet", "--hard", "main")
    return store


class GitStore:
    """The port `ArtifactStore` on git."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.git = Git(Path(Git(path)("rev-parse", "--absolute-git-dir")))
        """Works inside `.git`, where no checkout's `.gitattributes` is read."""

    def base(self) -> str:
        """The commit at HEAD."""
        return self.git("rev-parse", "--verify", "HEAD^{commit}")

    def made(self, change: Change) -> str | None:
        """The commit, if the branch stands on one of this very step with the same parents."""
        tip = self.resolve(change.branch)
        if tip is None or self._parents(tip) != list(change.parents):
            return None
        return tip if self._trailer(tip, "Step") == change.step else None

    def commit(self, change: Change) -> str:
        """Make the commit and move the branch; met again, the one there. Raises UnsafePath, ArtifactConflict."""
        if found := self.made(change):
            return found
        tree = self._tree(change)
        commit = self._commit(
            tree, change.parents, change.message, change.date, {**change.trailers, "Step": change.step}
        )
        old = change.expected or "0" * 40
        moved = self.git.run("update-ref", f"refs/heads/{change.branch}", commit, old)
        if moved.returncode:
            raise ArtifactConflict(
                f"{change.branch} is not at {change.expected or 'its start'}: it was moved by something else."
            )
        return commit

    def merge(self, ours: str, theirs: str, step: str, message: str, date: str, trailers: Mapping[str, str]) -> str:
        """A merge commit on no branch; the same each time. Raises MergeConflict, which holds what there is of it."""
        done = self.git.run("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
        if done.returncode not in (0, 1):
            raise ArtifactError(f"git merge-tree failed: {done.stderr.decode('utf-8', 'replace').strip()}")
        tree, *rest = done.stdout.decode("utf-8", "surrogateescape").split("\0")
        commit = self._commit(tree, [ours, theirs], message, date, {**trailers, "Step": step})
        if paths := [path for path in rest if path]:
            raise MergeConflict(f"{message}: both changed {', '.join(paths)}", paths, commit)
        return commit

    def point(self, branch: str, commit: str | None) -> None:
        """Make a branch stand at a commit; None removes it."""
        if commit:
            self.git("update-ref", f"refs/heads/{branch}", commit)
        else:
            self.git("update-ref", "-d", f"refs/heads/{branch}")

    def resolve(self, name: str) -> str | None:
        """The commit of a branch or commit name."""
        for full in (f"refs/heads/{name}", name):
            done = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{full}^{{commit}}")
            if done.returncode == 0:
                return done.stdout.decode().strip().splitlines()[-1]
        return None

    def branches(self, workflow_id: str) -> dict[str, str]:
        """Short branch name → commit."""
        pattern = f"refs/heads/ai/generated/{workflow_id}/"
        lines = self.git("for-each-ref", "--format=%(refname:short) %(objectname)", pattern).splitlines()
        return dict(line.rsplit(" ", 1) for line in lines)

    def forget_locks(self, workflow_id: str) -> None:
        """Remove the ref locks that a killed process left; for whoever alone drives the workflow."""
        folder = self.git("rev-parse", "--git-path", f"refs/heads/ai/generated/{workflow_id}")
        for lock in (self.git.path / folder).glob("*.lock"):
            lock.unlink(missing_ok=True)

    def read(self, commit: str, path: str) -> bytes | None:
        """A regular file's content."""
        entry = next((entry for entry in self._entries(commit, path) if entry[2] == path), None)
        return self.git.raw("cat-file", "blob", entry[1]) if entry else None

    def files(self, commit: str, prefix: str = "") -> list[str]:
        """Paths of the regular files that begin so."""
        return [path for _, _, path in self._entries(commit) if path.startswith(prefix)]

    def sizes(self, commit: str) -> list[dict[str, Any]]:
        """`path` and `size` in bytes of the regular files."""
        said = self.git.raw("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        lines = [line.split("\t", 1) for line in said.decode("utf-8", "surrogateescape").split("\0") if line]
        found = [(facts.split(), path) for facts, path in lines if facts.startswith(_REGULAR)]
        return [{"path": path, "size": int(facts[3])} for facts, path in found]

    def changed(self, old: str, new: str) -> list[str]:
        """Paths that differ."""
        said = self.git.raw("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
        return [path for path in said.decode("utf-8", "surrogateescape").split("\0") if path]

    def contents(self, commit: str) -> dict[str, bytes]:
        """Path → content of the regular files."""
        return {path: content for (_, _, path), content in self._contents(list(self._entries(commit)))}

    def archive(self, commit: str) -> bytes:
        """A tar archive of the regular files."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for (mode, _, path), content in self._contents(list(self._entries(commit))):
                member = tarfile.TarInfo(path)
                member.size, member.mode = len(content), 0o755 if mode == "100755" else 0o644
                archive.addfile(member, io.BytesIO(content))
        return buffer.getvalue()

    def diff(self, old: str, new: str) -> str:
        """A unified diff."""
        said = self.git.raw("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", old, new)
        return said.decode("utf-8", "replace")

    def stat(self, old: str, new: str) -> list[tuple[str, str, str]]:
        """Path, lines added and lines removed ("-" for what is no text) of what differs."""
        said = self.git.raw("diff-tree", "-r", "-z", "--numstat", "--no-renames", old, new)
        lines = [line.split("\t", 2) for line in said.decode("utf-8", "surrogateescape").split("\0") if line]
        return [(path, added, gone) for added, gone, path in lines]

    def patched(self, commit: str, patch: str) -> dict[str, bytes | None]:
        """What a unified diff makes of the files it names; None: it deletes. Raises BadInput if it does not apply."""
        with self._index(commit) as env:
            done = self.git.run("apply", "--cached", "--whitespace=nowarn", "-", given=patch.encode(), env=env)
            if done.returncode:
                said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it cannot be read"]
                raise BadInput(f"The patch does not apply to {commit[:12]}: {said[0]}", "Make it with git diff.")
            tree = self.git("write-tree", env=env)
        named, regular = self.changed(commit, tree), set(self.files(tree))
        if odd := [path for path in named if path not in regular and self.git("ls-tree", tree, "--", path)]:
            raise BadInput(f"The patch makes {', '.join(odd)} a link or a submodule.", "Only plain files can be taken.")
        return {path: self.read(tree, path) for path in named}

    @contextmanager
    def _index(self, commit: str | None) -> Iterator[dict[str, str]]:
        """The environment of an index of its own that holds a commit."""
        with tempfile.TemporaryDirectory(prefix="aidev-index-") as folder:
            env = {"GIT_INDEX_FILE": f"{folder}/index"}
            if commit:
                self.git("read-tree", commit, env=env)
            yield env

    def _entries(self, commit: str, path: str = "") -> Iterator[tuple[str, str, str]]:
        """Mode, blob and path of the regular files."""
        narrowed = ["--", path] if path else []
        said = self.git.raw("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, *narrowed)
        for line in said.decode("utf-8", "surrogateescape").split("\0"):
            if line:
                facts, name = line.split("\t", 1)
                mode, _, blob = facts.split(" ")
                if mode in _REGULAR:
                    yield mode, blob, name

    def _contents(self, entries: list[tuple[str, str, str]]) -> Iterator[tuple[tuple[str, str, str], bytes]]:
        said = io.BytesIO(
            self.git.raw("cat-file", "--batch", given="".join(f"{entry[1]}\n" for entry in entries).encode())
        )
        for entry in entries:
            size = int(said.readline().split()[2])
            yield entry, said.read(size)
            said.read(1)

    def _tree(self, change: Change) -> str:
        """The first parent's tree with the files changed, made in an index of its own."""
        parent = change.parents[0] if change.parents else None
        modes = {path: mode for mode, _, path in self._entries(parent)} if parent else {}
        gone = {path for path, content in change.files.items() if content is None}
        written = [path for path in change.files if path not in gone]
        safe_change(written, modes.keys() - gone)
        self._no_links(parent, written)
        with self._index(parent) as env:
            lines = "".join(self._index_line(path, content, modes) for path, content in change.files.items())
            self.git("update-index", "-z", "--index-info", given=lines.encode(), env=env)
            return self.git("write-tree", env=env)

    def _index_line(self, path: str, content: bytes | None, modes: Mapping[str, str]) -> str:
        if content is None:
            return f"0 {'0' * 40}\t{path}\0"
        blob = self.git("hash-object", "-w", "-t", "blob", "--no-filters", "--stdin", given=content)
        return f"{modes.get(path, '100644')} {blob}\t{path}\0"

    def _no_links(self, parent: str | None, written: list[str]) -> None:
        """Nothing is written at or through a link or a submodule of the tree."""
        if parent is None:
            return
        said = self.git.raw("ls-tree", "-r", "-z", "--full-tree", parent).decode("utf-8", "surrogateescape")
        odd = {line.split("\t", 1)[1] for line in said.split("\0") if line and not line.startswith(_REGULAR)}
        for path in written:
            if any(path == link or path.startswith(f"{link}/") for link in odd):
                raise UnsafePath(f"{path!r}: goes through a link or a submodule")

    def _commit(self, tree: str, parents: Sequence[str], message: str, date: str, trailers: Mapping[str, str]) -> str:
        lines = "\n".join(f"{key}: {_one_line(value)}" for key, value in trailers.items() if value)
        text = f"{_one_line(message)}\n\n{lines}\n"
        flags = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *flags, given=text.encode(), env=identity(date))

    def _parents(self, commit: str) -> list[str]:
        return self.git("rev-list", "--parents", "-n", "1", commit).split()[1:]

    def _trailer(self, commit: str, key: str) -> str:
        return self.git("log", "-1", f"--format=%(trailers:key={key},valueonly)", commit).strip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
