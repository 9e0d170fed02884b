"""The project's own list of system calls: what is not on it fails, and ordinary programs do not notice."""

import errno
from collections.abc import Callable

import pytest

from schemas.ports import Outcome

RunPython = Callable[[str], str]
Run = Callable[..., Outcome]

REFUSED = {
    "mount": (165, 0, 0, 0, 0, 0),
    "umount2": (166, 0, 0),
    "pivot_root": (155, 0, 0),
    "chroot": (161, 0),
    "unshare, user namespace": (272, 0x10000000),
    "unshare, files": (272, 0x400),
    "setns": (308, 0, 0),
    "clone, user namespace": (56, 0x10000000 | 17, 0, 0, 0, 0),
    "clone, network namespace": (56, 0x40000000 | 17, 0, 0, 0, 0),
    "clone3": (435, 0, 0),
    "ptrace": (101, 0, 0, 0, 0),
    "process_vm_readv": (310, 1, 0, 0, 0, 0, 0),
    "process_vm_writev": (311, 1, 0, 0, 0, 0, 0),
    "pidfd_getfd": (438, 0, 0, 0),
    "kcmp": (312, 1, 1, 0, 0, 0),
    "bpf": (321, 0, 0, 0),
    "io_uring_setup": (425, 1, 0),
    "io_uring_enter": (426, 0, 0, 0, 0, 0),
    "io_uring_register": (427, 0, 0, 0, 0),
    "io_setup": (206, 1, 0),
    "add_key": (248, 0, 0, 0, 0, 0),
    "request_key": (249, 0, 0, 0, 0),
    "keyctl": (250, 0, 0, 0, 0, 0),
    "mknod, a device": (133, b"/tmp/a", 0o20600, 0x103),
    "mknodat, a device": (259, -100, b"/tmp/b", 0o60600, 0x103),
    "perf_event_open": (298, 0, 0, 0, 0, 0),
    "userfaultfd": (323, 0),
    "kexec_load": (246, 0, 0, 0, 0),
    "init_module": (175, 0, 0, 0),
    "finit_module": (313, 0, 0, 0),
    "delete_module": (176, 0, 0),
    "reboot": (169, 0, 0, 0, 0),
    "swapon": (167, 0, 0),
    "name_to_handle_at": (303, -100, b"/", 0, 0, 0),
    "open_by_handle_at": (304, 0, 0, 0),
    "personality, no randomisation": (135, 0x0040000),
    "quotactl": (179, 0, 0, 0, 0),
    "acct": (163, 0),
    "settimeofday": (164, 0, 0),
    "clock_settime": (227, 0, 0),
    "adjtimex": (159, 0),
    "syslog": (103, 3, 0, 0),
    "vhangup": (153,),
    "iopl": (172, 3),
    "ioperm": (173, 0, 1, 1),
    "modify_ldt": (154, 0, 0, 0),
    "sethostname": (170, b"x", 1),
    "fanotify_init": (300, 0, 0),
    "move_mount": (429, 0, 0, 0, 0, 0),
    "fsopen": (430, 0, 0),
    "open_tree": (428, 0, 0, 0),
    "mount_setattr": (442, 0, 0, 0, 0, 0),
    "memfd_create": (319, b"x", 0),
    "shmget": (29, 0, 4096, 0o1600),
    "msgget": (68, 0, 0o1600),
    "semget": (64, 0, 1, 0o1600),
    "mq_open": (240, b"x", 0o102, 0o600, 0),
    "setxattr": (188, b".", b"user.x", b"1", 1, 0),
    "seccomp": (317, 2, 0, 0),
    "AF_NETLINK": (41, 16, 3, 0),
    "AF_PACKET": (41, 17, 3, 0),
    "AF_VSOCK": (41, 40, 1, 0),
    "AF_ALG": (41, 38, 5, 0),
    "AF_BLUETOOTH": (41, 31, 1, 0),
    "a pair of AF_TIPC": (53, 30, 1, 0, 0),
}
"""What it is → the number on x86_64, then the arguments."""
CALLS = """
import ctypes, platform
libc = ctypes.CDLL(None, use_errno=True)
def attempt(number, *arguments):
    long = [ctypes.c_char_p(each) if isinstance(each, bytes) else ctypes.c_long(each) for each in arguments]
    return 0 if libc.syscall(ctypes.c_long(number), *long) >= 0 else ctypes.get_errno()
assert platform.machine() == "x86_64"
print({what: attempt(*call) for what, call in CALLS.items()})
"""
PROGRAMS = {
    "threads and processes": """
import concurrent.futures, multiprocessing, os, subprocess, sys, threading
def double(x): return 2 * x
if __name__ == "__main__":
    with concurrent.futures.ThreadPoolExecutor(4) as threads: print(sum(threads.map(double, range(9))), end=" ")
    for way in ("fork", "spawn", "forkserver"):
        with multiprocessing.get_context(way).Pool(2) as pool: print(sum(pool.map(double, range(9))), end=" ")
    with multiprocessing.Manager() as manager: print(sum(manager.list([72])), end=" ")
    print(subprocess.run([sys.executable, "-c", "print(72)"], capture_output=True, text=True).stdout.strip())
""",
    "sockets on the loopback": """
import asyncio, socket
async def answer(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()
async def main():
    for kind in ("127.0.0.1", "localhost"):
        server = await asyncio.start_server(answer, kind, 0, family=socket.AF_INET)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"72\\n")
        print((await reader.readline()).decode().strip(), end=" ")
        writer.close()
        server.close()
    left, right = socket.socketpair()
    left.send(b"72")
    print(right.recv(9).decode(), end=" ")
    ran = await asyncio.create_subprocess_exec("echo", "72", stdout=-1)
    print((await ran.communicate())[0].decode().strip(), end=" ")
    print(await asyncio.to_thread(lambda: 72))
asyncio.run(main())
""",
    "files": """
import fcntl, mmap, os, pathlib, shutil, sqlite3, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "a")
    path.write_text("72")
    shutil.copy2(path, folder + "/b")
    os.replace(path, folder + "/c")
    os.link(folder + "/c", folder + "/d")
    os.symlink("d", folder + "/e")
    os.chmod(folder + "/e", 0o600)
    os.mkfifo(folder + "/f")
    shutil.copytree(folder, "copy", ignore=shutil.ignore_patterns("f"))
    shutil.move("copy/c", "moved")
    with open(folder + "/g", "w+b") as file:
        file.truncate(4096)
        os.posix_fallocate(file.fileno(), 0, 8192)
        fcntl.flock(file, fcntl.LOCK_EX)
        os.fsync(file.fileno())
        with mmap.mmap(file.fileno(), 0) as memory:
            memory[:2] = b"72"
            print(memory[:2].decode(), end=" ")
    with sqlite3.connect(folder + "/h") as database: print(database.execute("select 72").fetchone()[0], end=" ")
    print(pathlib.Path("moved").read_text(), end=" ")
    print(len(os.listdir(folder)) + 65)
""",
    "time and signals": """
import os, resource, select, signal, threading, time
signal.signal(signal.SIGALRM, lambda *_: print("72", end=" "))
signal.setitimer(signal.ITIMER_REAL, 0.05)
signal.pause()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigtimedwait({signal.SIGUSR1}, 1).si_signo + 62, end=" ")
resource.getrusage(resource.RUSAGE_SELF)
poll = select.epoll()
poll.register(os.eventfd(72), select.EPOLLIN)
print(len(poll.poll(1)) + 71, end=" ")
time.sleep(0.01)
os.sched_yield()
print(len(os.urandom(72)), len(os.sched_getaffinity(0)) and 72)
""",
    "numpy and pandas": """
import io, numpy as np, pandas as pd
from numpy.linalg import solve
square = np.random.default_rng(0).random((200, 200))
print(np.allclose(square @ solve(square, np.eye(200)), np.eye(200)) + 71, end=" ")
frame = pd.DataFrame({"a": range(9)})
frame.to_csv("a.csv")
print(pd.read_csv("a.csv").a.sum() * 2, end=" ")
np.save("a.npy", square)
print(np.load("a.npy", mmap_mode="r").shape[0] - 128, frame.groupby(frame.a % 2).sum().a.sum() * 2)
""",
}


def test_what_is_not_on_the_list_fails(run_python: RunPython) -> None:
    said: dict[str, int] = eval(run_python(f"CALLS = {REFUSED!r}\n{CALLS}"))

    assert {what for what, number in said.items() if number not in (errno.EPERM, errno.ENOSYS)} == set()
    assert said.keys() == REFUSED.keys()
    assert said["clone3"] == errno.ENOSYS


def test_the_check_notices_a_call_that_is_allowed(run_python: RunPython) -> None:
    allowed = {"getpid": (39,), "AF_INET": (41, 2, 1, 0), "personality": (135, 0xFFFFFFFF)}

    assert eval(run_python(f"CALLS = {allowed!r}\n{CALLS}")) == dict.fromkeys(allowed, 0)


def test_32_bit_calls_end_the_program(run: Run) -> None:
    program = (
        "import ctypes, mmap\n"
        "page = mmap.mmap(-1, 4096, prot=7)\n"
        "page.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')\n"  # mov eax, 20 (getpid); int 0x80; ret
        "call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))\n"
        "print('DONE', call() > 0)\n"
    )
    result = run("python program.py", files={"program.py": program}).results[0]

    assert "DONE True" not in result.stdout


@pytest.mark.parametrize("what", PROGRAMS)
def test_ordinary_programs_do_not_notice(run_python: RunPython, what: str) -> None:
    said = run_python(PROGRAMS[what])

    assert set(said.split()) == {"72"}, said


def test_names_are_resolved_where_they_can_be(run_python: RunPython) -> None:
    said = run_python("import socket\nprint(socket.gethostname(), socket.gethostbyname('localhost'))")

    assert said == "localhost 127.0.0.1\n"
