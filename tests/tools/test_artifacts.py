import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.errors import ArtifactConflict, ArtifactError, BadInput, MergeConflict, UnsafePath, UnusableRepository
from schemas.ports import Change
from tools.artifacts import GitStore, branch_name, create_repository, open_repository

DATE = "2026-01-31T09:30:00Z"


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=P", "-c", "user.email=p@localhost"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A person's repository with a dirty checkout."""
    path = tmp_path / "theirs"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    (path / "a.py").write_text("x = 1\n")
    (path / "run.sh").write_text("#!/bin/sh\n")
    (path / "run.sh").chmod(0o755)
    (path / "link").symlink_to("/etc")
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "start")
    (path / "a.py").write_text("x = 2\n")
    (path / "staged.py").write_text("y = 1\n")
    git(path, "add", "staged.py")
    (path / "untracked.py").write_text("z = 1\n")
    return path


@pytest.fixture
def store(folder: Path) -> GitStore:
    return open_repository(folder)


def change(store: GitStore, branch: str = "work", step: str = "code", **files: bytes | None) -> Change:
    named = {name.replace("__", "/").replace("_py", ".py"): content for name, content in files.items()}
    return Change(branch, [store.base()], store.resolve(branch), named or {"b.py": b"b\n"}, step, "Code", DATE)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of the checkout, the index and HEAD."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    own = [folder / ".git/index", folder / ".git/HEAD", folder / ".git/config", folder / ".git/refs/heads/main"]
    return {str(path): path.read_bytes() for path in [*paths, *own]}


def test_the_same_change_makes_the_same_commit(tmp_path: Path) -> None:
    one, two = (create_repository(tmp_path / name, "A parser", DATE) for name in ("one", "two"))
    assert one.base() == two.base()
    assert one.commit(change(one)) == two.commit(change(two))


def test_a_step_done_twice_has_its_effect_once(store: GitStore) -> None:
    first = store.commit(change(store))
    assert store.commit(change(store)) == first == store.resolve("work")
    again = Change("work", [store.base()], None, {"b.py": b"other\n"}, "code", "Code", DATE)
    assert store.commit(again) == first
    assert git(store.path, "rev-list", "--count", "main..work") == "1"


def test_a_branch_that_is_elsewhere_is_a_conflict(store: GitStore) -> None:
    first = store.commit(change(store))
    for expected in (None, store.base()):
        with pytest.raises(ArtifactConflict):
            store.commit(Change("work", [first], expected, {"c.py": b"c\n"}, "other", "Other", DATE))
    assert store.resolve("work") == first


def test_commits_side_by_side(store: GitStore) -> None:
    changes = [change(store, f"work{number}", b_py=b"%d\n" % number) for number in range(20)]
    with ThreadPoolExecutor(20) as executor:
        commits = list(executor.map(store.commit, changes))
    assert [store.resolve(each.branch) for each in changes] == commits
    assert [store.read(commit, "b.py") for commit in commits] == [b"%d\n" % number for number in range(20)]
    git(store.path, "fsck", "--strict")


def test_one_of_two_wins_the_same_branch(store: GitStore) -> None:
    changes = [change(store, "work", f"step{number}") for number in range(2)]

    def outcome(each: Change) -> str:
        try:
            return store.commit(each)
        except ArtifactConflict:
            return "conflict"

    with ThreadPoolExecutor(2) as executor:
        outcomes = list(executor.map(outcome, changes))
    assert sorted(outcomes, key=len) == ["conflict", store.resolve("work")]


def test_a_kill_in_the_middle_leaves_a_sound_repository(store: GitStore) -> None:
    program = f"""
from itertools import count
from pathlib import Path
from schemas.ports import Change
from tools.artifacts import open_repository
store = open_repository(Path({str(store.path)!r}))
for number in count():
    files = {{f"f{{each}}.py": b"%d" % number for each in range(20)}}
    print(store.commit(Change(f"w{{number}}", [store.base()], None, files, "code", "Code", {DATE!r})), flush=True)
"""
    root = Path(__file__).parents[2]
    for delay in (0.0, 0.05, 0.11):
        running = subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, process_group=0)
        assert running.stdout
        running.stdout.readline()
        time.sleep(delay)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        git(store.path, "fsck", "--strict")
        for branch in git(store.path, "for-each-ref", "--format=%(refname:short)", "refs/heads/w*").splitlines():
            store.point(branch, None)
    assert store.commit(change(store))


def test_a_dirty_checkout_stays_as_it_is(store: GitStore) -> None:
    before = snapshot(store.path)
    first = store.commit(change(store, a_py=b"x = 3\n", new__c_py=b"c\n"))
    second = store.commit(change(store, "other", b_py=b"b\n"))
    store.merge(first, second, "merge", "Merge", DATE, {})
    store.archive(first), store.diff(store.base(), first), store.files(first)
    assert snapshot(store.path) == before


def test_hooks_filters_and_attributes_have_no_effect(store: GitStore, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    hooks = store.path / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-commit", "post-commit", "reference-transaction", "post-index-change", "fsmonitor"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (hooks / name).chmod(0o755)
    attributes = "* filter=evil diff=evil merge=evil text eol=crlf export-ignore export-subst\n"
    (store.path / ".gitattributes").write_text(attributes)
    (store.path / ".git/info/attributes").write_text("* filter=evil diff=evil\n")
    for key in ("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.evil.command"):
        git(store.path, "config", key, f"touch {mark}; cat")
    for key, value in {
        "merge.evil.driver": f"touch {mark}",
        "core.autocrlf": "true",
        "core.fsmonitor": str(hooks / "fsmonitor"),
        "diff.external": f"touch {mark}",
        "commit.gpgSign": "true",
        "gpg.program": f"touch {mark}",
    }.items():
        git(store.path, "config", key, value)
    content = b"one\r\ntwo\nthree\n$Format:%H$\n"
    first = store.commit(change(store, a_py=content))
    second = store.commit(change(store, "other", a_py=b"other\n"))
    assert store.read(first, "a.py") == content
    with tarfile.open(fileobj=io.BytesIO(store.archive(first))) as archive:
        member = archive.extractfile("a.py")
        assert member and member.read() == content
    assert "+two\n" in store.diff(store.base(), first)
    with pytest.raises(MergeConflict):
        store.merge(first, second, "merge", "Merge", DATE, {})
    assert not mark.exists()


def test_a_merge_is_the_same_each_time_and_on_no_branch(store: GitStore) -> None:
    first, second = store.commit(change(store)), store.commit(change(store, "other", c_py=b"c\n"))
    merged = [store.merge(first, second, "merge", "Merge", DATE, {"Workflow": "w"}) for _ in range(2)]
    assert merged[0] == merged[1]
    assert {"b.py", "c.py"} <= set(store.files(merged[0]))
    assert git(store.path, "branch", "--contains", merged[0]) == ""


def test_a_merge_conflict_names_the_files(store: GitStore) -> None:
    first = store.commit(change(store, a_py=b"one\n", new__b_py=b"one\n"))
    second = store.commit(change(store, "other", a_py=b"two\n", new__b_py=b"two\n"))
    with pytest.raises(MergeConflict) as refused:
        store.merge(first, second, "merge", "Merge", DATE, {})
    assert refused.value.paths == ["a.py", "new/b.py"]


def test_what_was_committed_is_read_again(store: GitStore) -> None:
    commit = store.commit(change(store, a_py=None, new__c_py=b"\0\xff"))
    assert store.files(commit) == ["new/c.py", "run.sh"]
    assert store.files(commit, "new/") == ["new/c.py"]
    assert (store.read(commit, "new/c.py"), store.read(commit, "a.py"), store.read(commit, "link")) == (
        b"\0\xff",
        None,
        None,
    )
    assert store.changed(store.base(), commit) == ["a.py", "new/c.py"]
    with tarfile.open(fileobj=io.BytesIO(store.archive(commit))) as archive:
        assert {member.name: member.mode for member in archive} == {"new/c.py": 0o644, "run.sh": 0o755}


def test_a_changed_program_stays_executable(store: GitStore) -> None:
    commit = store.commit(Change("work", [store.base()], None, {"run.sh": b"#!/bin/sh\n:\n"}, "code", "Code", DATE))
    assert git(store.path, "ls-tree", commit, "run.sh").startswith("100755")


@pytest.mark.parametrize("path", ["link", "link/passwd", "../x", ".git/config", "A.py", "a.py/b"])
def test_unsafe_paths_are_not_written(store: GitStore, path: str) -> None:
    with pytest.raises(UnsafePath):
        store.commit(Change("work", [store.base()], None, {path: b"x"}, "code", "Code", DATE))
    assert store.resolve("work") is None


def test_branches_are_pointed_listed_and_removed(store: GitStore) -> None:
    name = branch_name("w1", "task-1")
    store.point(name, store.base())
    store.point(branch_name("w2", "task-1"), store.base())
    assert store.branches("w1") == {name: store.base()}
    store.point(name, None)
    assert store.branches("w1") == {}


def test_a_message_cannot_forge_a_trailer(store: GitStore) -> None:
    forged = Change(
        "work", [store.base()], None, {"b.py": b"b"}, "code", "Code\n\nStep: merge", DATE, {"T": "x\nStep: y"}
    )
    commit = store.commit(forged)
    assert git(store.path, "log", "-1", "--format=%(trailers:key=Step,valueonly)", commit) == "code"


def test_folders_that_cannot_be_used_are_refused_with_a_way_out(tmp_path: Path) -> None:
    for name in ("plain", "bare", "empty"):
        (tmp_path / name).mkdir()
    git(tmp_path / "bare", "init", "-q", "--bare")
    git(tmp_path / "empty", "init", "-q")
    for name, reason in {
        "missing": "no folder",
        "plain": "no git repository",
        "bare": "bare",
        "empty": "no commit",
        "empty/.git": "no git repository",
    }.items():
        with pytest.raises(UnusableRepository, match=reason) as refused:
            open_repository(tmp_path / name)
        assert refused.value.hint


def test_a_folder_inside_and_a_linked_checkout_are_their_repository(folder: Path, tmp_path: Path) -> None:
    (folder / "sub").mkdir()
    assert open_repository(folder / "sub").path == folder
    git(folder, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    linked = open_repository(tmp_path / "side")
    assert linked.resolve("work") is None
    assert open_repository(folder).resolve("work") == linked.commit(change(linked)) or linked.resolve("work")


def test_a_repository_made_twice_is_the_same(tmp_path: Path) -> None:
    first = create_repository(tmp_path / "ours", "A parser", DATE)
    start = first.base()
    first.commit(change(first))
    assert create_repository(tmp_path / "ours", "A parser", DATE).base() == start
    assert git(first.path, "status", "--porcelain") == ""
    assert b"A parser" in (first.read(start, "README.md") or b"")


@pytest.mark.parametrize(
    "name", ["-D", "HEAD", "--upload-pack=x", "a/b", "", "a b", "..", "a.lock", "@{-1}", "ä", "a\n"]
)
def test_ids_that_git_could_misread_are_refused(name: str) -> None:
    with pytest.raises(BadInput):
        branch_name("w", name)
    with pytest.raises(BadInput):
        branch_name(name, "t")


def test_what_git_refuses_is_said(store: GitStore) -> None:
    with pytest.raises(ArtifactError, match="git"):
        store.files("no-such-commit")


def test_a_ref_lock_of_a_killed_process_is_forgotten(folder: Path, tmp_path: Path) -> None:
    git(folder, "worktree", "add", "-q", str(tmp_path / "linked"))
    store = open_repository(tmp_path / "linked")
    branch, other = branch_name("w1", "t1"), branch_name("w2", "t1")
    for name in (branch, other):
        lock = folder / f".git/refs/heads/{name}.lock"
        lock.parent.mkdir(parents=True)
        lock.touch()
    with pytest.raises(ArtifactConflict):
        store.commit(change(store, branch))
    store.forget_locks("w1")
    assert store.commit(change(store, branch)) == store.resolve(branch)
    with pytest.raises(ArtifactConflict):
        store.commit(change(store, other))
