import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadInput
from tools.sandbox.limits import TREE
from tools.screen.rules import ADVICE
from tools.screen.screen import allowed_rules, screen

SEALED = ["tests/test_words.py", "tests/checks.py", "fixtures/goog.csv"]


def rules(text: str, before: str | None = None, allowed: frozenset[str] = frozenset()) -> set[str]:
    found = screen("words.py", text, before, SEALED, allowed)
    assert all(each.gate == "screen" and each.path == "words.py" and each.message.isprintable() for each in found)
    return {each.rule for each in found}


REFUSED = [
    # frames and insides
    ("import sys\nsys._getframe(1)", "frames"),
    ("import sys as s\ns._getframe", "frames"),
    ("from sys import _getframe as g", "frames"),
    ("import sys\ngetattr(sys, '_get' + 'frame')()", "frames"),
    ("import sys\nn = '_getframe'\nvars(sys)[n]()", "frames"),
    ("import sys\nsys.__dict__['_getframe']", "frames"),
    ("import sys\nsys.__dict__.get('_current_frames')", "frames"),
    ("import logging\nlogging.sys._getframe()", "frames"),
    ("import inspect\ninspect.stack()", "frames"),
    ("from inspect import currentframe", "frames"),
    ("import inspect as i\nf = i.currentframe\nf()", "frames"),
    ("import traceback\ntraceback.extract_stack()", "frames"),
    ("def f(e):\n    return e.__traceback__.tb_frame", "frames"),
    ("def f(g):\n    return getattr(g, f'gi_{\"frame\"}')", "frames"),
    ("import operator\noperator.attrgetter('gi_frame.f_back')", "frames"),
    ("from operator import attrgetter as a\na('x', 'f_locals')", "frames"),
    ("def f(x):\n    match x:\n        case object(f_back=y):\n            return y", "frames"),
    ("def f(g):\n    return object.__getattribute__(g, 'gi_frame')", "frames"),
    ("def f(g):\n    return g.__globals__", "internals"),
    ("object.__subclasses__()", "internals"),
    ("def f(g):\n    return g.__closure__[0].cell_contents", "internals"),
    ("def f(g, h):\n    g.__code__ = h.__code__", "internals"),
    ("def f(g):\n    return getattr(g, ''.join(['__glo', 'bals__']))", "internals"),
    # memory
    ("import gc", "garbage-collector"),
    ("import gc as x\nx.get_objects()", "garbage-collector"),
    ("from gc import get_referrers", "garbage-collector"),
    ("import ctypes", "ctypes"),
    ("import numpy as np\nnp.ctypeslib", "ctypes"),
    ("import numpy.ctypeslib as c", "ctypes"),
    ("import cffi, tracemalloc", "ctypes"),
    # modules
    ("import sys\nsys.modules['pytest']", "sys-modules"),
    ("from sys import modules as m", "sys-modules"),
    ("import sys\nx = getattr(sys, 'modules')", "sys-modules"),
    ("import sys\nx = getattr(sys, 'seludom'[::-1])", "sys-modules"),
    ("import os\nos.sys.modules", "sys-modules"),
    ("def f():\n    import sys as q\n    def g(m=q):\n        return m.modules\n    return g", "sys-modules"),
    ("import sys\nfor s in (sys,):\n    s.modules", "sys-modules"),
    ("import sys\n[s for s in [1] if (t := sys)]\nt.modules", "sys-modules"),
    ("import __main__", "sys-modules"),
    ("import importlib\nimportlib.import_module('a')", "dynamic-import"),
    ("from importlib import import_module as i", "dynamic-import"),
    ("__import__('os')", "dynamic-import"),
    ("f = __import__\nf('os')", "dynamic-import"),
    ("import runpy", "dynamic-import"),
    ("from importlib.util import spec_from_file_location", "dynamic-import"),
    ("def f(spec):\n    spec.loader.exec_module(spec)", "dynamic-import"),
    ("import importlib.machinery", "dynamic-import"),
    ("import sys\nsys.path.insert(0, 'x')", "import-hooks"),
    ("import sys\nsys.meta_path.append(1)", "import-hooks"),
    ("from sys import path_hooks", "import-hooks"),
    ("import site", "import-hooks"),
    ("import builtins", "builtins"),
    ("__builtins__['eval']", "builtins"),
    ("globals()['__builtins__']", "builtins"),
    # the process
    ("import os\nos._exit(0)", "process-exit"),
    ("from os import _exit", "process-exit"),
    ("import os\nquit = os._exit\nquit(0)", "process-exit"),
    ("import os\nif True:\n    o = os\no.abort()", "process-exit"),
    ("import posix\nposix._exit(0)", "process-exit"),
    ("import os\n(os if 1 else None)._exit(0)", "process-exit"),
    ("import random\nrandom._os._exit(0)", "process-exit"),
    ("import os\nos.fork()", "process-exit"),
    ("import os, operator\noperator.attrgetter('_exit')(os)(0)", "process-exit"),
    ("import os\nglobals()['os']._exit(0)", "process-exit"),
    ("import os\nos.execv('/bin/true', [])", "process-exit"),
    ("import atexit, os\natexit.register(os._exit, 0)", "process-exit"),
    ("import os\nos.kill(os.getppid(), 9)", "signals"),
    ("import os\nos.killpg(0, 9)", "signals"),
    ("import signal\nsignal.raise_signal(9)", "signals"),
    ("import _thread\n_thread.interrupt_main()", "signals"),
    # test tools
    ("import pytest", "pytest-internals"),
    ("from _pytest.reports import TestReport", "pytest-internals"),
    ("import _pytest.runner as r", "pytest-internals"),
    ("import pluggy", "pytest-internals"),
    ("from unittest import mock", "pytest-internals"),
    ("from unittest.mock import ANY", "pytest-internals"),
    ("try:\n    import hypothesis\nexcept ImportError:\n    pass", "pytest-internals"),
    ("import coverage", "pytest-internals"),
    ("import aidev_report", "pytest-internals"),
    # code from text, tracing
    ("eval('1')", "dynamic-code"),
    ("def f(e=eval):\n    return e('1')", "dynamic-code"),
    ("exec('x = 1')", "dynamic-code"),
    ("compile('1', '', 'eval')", "dynamic-code"),
    ("if False:\n    def eval(x): ...\neval('1')", "dynamic-code"),
    ("eval: object\neval('1')", "dynamic-code"),
    ("eval = 1\ndel eval\neval('1')", "dynamic-code"),
    ("import code", "dynamic-code"),
    ("from types import CodeType", "dynamic-code"),
    ("import sys\nsys.settrace(print)", "trace"),
    ("import threading\nthreading.setprofile(print)", "trace"),
    ("import sys\nsys.addaudithook(print)", "trace"),
    ("import faulthandler", "trace"),
    ("breakpoint()", "trace"),
    # other people's modules and classes
    ("import time\ntime.time = lambda: 0", "monkeypatch"),
    ("import time as t\nt.time: object = lambda: 0", "monkeypatch"),
    ("import math\nsetattr(math, 'isclose', lambda *a: True)", "monkeypatch"),
    ("import math\ndelattr(math, 'sqrt')", "monkeypatch"),
    ("import math\ndel math.sqrt", "monkeypatch"),
    ("import math\nmath.__dict__['sqrt'] = abs", "monkeypatch"),
    ("import math\nvars(math).update(sqrt=abs)", "monkeypatch"),
    ("import numpy as np\nnp.testing.assert_allclose = print", "monkeypatch"),
    ("import pandas as pd\npd.Series.__eq__ = lambda a, b: True", "monkeypatch"),
    ("from datetime import datetime as d\nd.now = 1", "monkeypatch"),
    ("import random\nrandom.random, x = 1, 2", "monkeypatch"),
    ("import random\nfor random.random in [1]:\n    pass", "monkeypatch"),
    ("import time\ntype.__setattr__(time, 'x', 1)", "monkeypatch"),
    ("import time\ntime.__setattr__('x', 1)", "monkeypatch"),
    ("from unittest import TestCase\nTestCase.assertEqual = print", "monkeypatch"),
    ("import sys\nsys.exit = print", "monkeypatch"),
    # objects that lie
    ("class A:\n    @property\n    def __class__(self):\n        return int", "class-disguise"),
    ("class A:\n    __class__ = int", "class-disguise"),
    ("class A:\n    def f(self):\n        self.__class__ = int", "class-disguise"),
    ("def f(x):\n    setattr(x, '__class__', int)", "class-disguise"),
    ("def f(x):\n    object.__setattr__(x, '__cl' 'ass__', int)", "class-disguise"),
    ("A = type('A', (), {'__class__': int})", "class-disguise"),
    ("class A:\n    def __eq__(self, other):\n        return True", "equal-to-everything"),
    ("class A:\n  def __eq__(self, o):\n    if o:\n      return 1\n    return not 0", "equal-to-everything"),
    ("class A(int):\n    def __ne__(self, other):\n        return False", "equal-to-everything"),
    ("class A:\n    __eq__ = lambda *a: True", "equal-to-everything"),
    ("A = type('A', (), {'__eq__': lambda a, b: True})", "equal-to-everything"),
    # the surroundings
    ("open('/proc/self/maps')", "proc"),
    ("def f(n):\n    return open(f'/proc/{n}/mem')", "proc"),
    ("from pathlib import Path\nPath('/pr' + 'oc/1/fd')", "proc"),
    ("x = '/sys/fs/cgroup'", "proc"),
    ("import os\nos.environ.get('PYTEST_CURRENT_TEST')", "test-detection"),
    ("import os\nos.environ['PY' + 'TEST_VERSION']", "test-detection"),
    ("import os\nos.getenv('AIDEV_RUN')", "test-detection"),
    ("open('tests/test_words.py')", "reads-tests"),
    ("from pathlib import Path\nPath('tests') / 'test_words.py'", "reads-tests"),
    ("import glob\nglob.glob('tests/*.py')", "reads-tests"),
    (f"open('{TREE}/tests/x')", "reads-tests"),
    ("import tests.test_words", "reads-tests"),
    ("from test_words import CASES", "reads-tests"),
    ("from tests import checks", "reads-tests"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule"), REFUSED)
def test_what_no_honest_code_needs_is_refused(text: str, rule: str) -> None:
    assert rule in rules(text)


def test_every_rule_has_a_case_and_advice() -> None:
    assert {rule for _, rule in REFUSED} == set(ADVICE)


HONEST = [
    "import sys\n\ndef main():\n    sys.exit(2)\n\nif __name__ == '__main__':\n    main()",
    "import sys\nprint(sys.argv[1:], sys.stdin.read(), sys.version_info, file=sys.stderr)",
    "import sys\nsys.setrecursionlimit(2_000)\nsys.stdout.write(sys.platform)\nsys.getsizeof(1)",
    "import os\nos.environ.get('HOME')\nos.environ['LANG'] = 'C'\ndel os.environ['LANG']",
    "import os\nos.path.join('a', 'b')\nos.cpu_count()\nos.replace('a', 'b')\nos.getpid()",
    "from importlib import resources\nresources.files('shop').joinpath('a.txt').read_text()",
    "from importlib.metadata import version\nversion('numpy')",
    "import importlib.util\nHAS = importlib.util.find_spec('numba') is not None",
    "import inspect\ninspect.signature(print)\ninspect.getmembers(int)\ninspect.iscoroutinefunction(print)",
    "class A:\n    def __repr__(self):\n        return f'{self.__class__.__name__}()'",
    "from dataclasses import dataclass\n\n@dataclass(frozen=True, order=True)\nclass P:\n    x: int = 0",
    "class P:\n    def __eq__(self, other):\n        return isinstance(other, P) and self.x == other.x",
    "class P:\n    def __eq__(self, other):\n        if self is other:\n            return True\n"
    "        return self.x == other.x",
    "class P:\n    def __eq__(self, other):\n        if not isinstance(other, P):\n            return NotImplemented\n"
    "        return True if self.x == other.x else False",
    "class Never:\n    def __eq__(self, other):\n        return False",
    "import functools\n\n@functools.lru_cache(maxsize=None)\ndef f(x):\n    return functools.reduce(max, x)",
    "import functools\n\ndef w(g):\n    @functools.wraps(g)\n    def inner(*a):\n        inner.calls += 1\n"
    "        return g(*a)\n    inner.calls = 0\n    inner.__name__ = g.__name__\n    return inner",
    "import threading\nlock = threading.Lock()\nlocal = threading.local()\nlocal.x = 1\nthreading.Thread(target=print)",
    "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1)'], check=True, timeout=3)",
    "import subprocess\np = subprocess.Popen(['sleep', '9'])\np.terminate()\np.kill()\np.send_signal(2)",
    "import asyncio\n\nasync def f():\n    await asyncio.sleep(0)\n\nasyncio.run(f())",
    "import atexit, shutil, tempfile\nd = tempfile.mkdtemp()\natexit.register(shutil.rmtree, d)",
    "import signal, types\n\ndef stop(n: int, frame: types.FrameType | None) -> None:\n    raise SystemExit\n\n"
    "signal.signal(signal.SIGTERM, stop)",
    "import pandas as pd\npd.options.mode.copy_on_write = True\npd.set_option('display.width', 80)",
    "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\ndf.index = [3]\ndf.columns = ['b']\ndf.query('b > 0')\n"
    "df.eval('b')",
    "import pandas as pd\n\ndef f(s: pd.Series) -> pd.Series:\n    s.name = 'x'\n    s.attrs['a'] = 1\n"
    "    return s.ewm(3).mean()",
    "import logging\nlogging.basicConfig(level=1)\nlog = logging.getLogger(__name__)\nlog.propagate = False\n"
    "logging.Formatter.converter = None\nlogging.raiseExceptions = False",
    "import numpy as np\nrng = np.random.default_rng(3)\nrng.normal()\nnp.random.seed(1)\na = np.zeros(3)\n"
    "a.shape = (3, 1)",
    "import random\nrandom.seed(1)\nr = random.Random(2)\nr.x = 1",
    "from typing import Any, get_type_hints, TYPE_CHECKING\nif TYPE_CHECKING:\n    from decimal import Decimal",
    "class A:\n    def __init__(self, **given):\n        for name, value in given.items():\n"
    "            setattr(self, name, value)",
    "class A:\n    def __init__(self, x):\n        object.__setattr__(self, 'x', x)",
    "import shop.config as config\nconfig.DEBUG = True\nsetattr(config, 'LEVEL', 3)\ndel config.OLD",
    "from shop import Item\nItem.count = 0\nItem.registry['a'] = 1",
    "from . import state\nstate.current = None",
    "import re\nWORD = re.compile(r'\\w+')\nre.sub(WORD, '', 'x')",
    "import ast\nast.literal_eval('[1]')\nast.parse('x').body",
    "class Model:\n    def eval(self):\n        return self\n    def compile(self):\n"
    "        return self.eval()\n\nModel().compile()",
    "def compile(x):\n    return x\n\ndef exec(x):\n    return compile(x)\n\nexec(1)",
    "def f(eval, compile=None):\n    return eval(compile)",
    "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    print(out)",
    "import warnings\nwarnings.warn('x', stacklevel=2)\nwarnings.filterwarnings('ignore')",
    "import traceback\ntry:\n    pass\nexcept ValueError as e:\n    traceback.print_exc()\n"
    "    raise KeyError from e.with_traceback(None)",
    "import decimal\ndecimal.getcontext().prec = 10\nctx = decimal.Context()\nctx.prec = 3",
    "import operator\noperator.attrgetter('a.b')(3)\noperator.itemgetter('f_back')\noperator.methodcaller('upper')",
    "row = {'f_back': 1, 'modules': 2}\nrow['f_back']\nrow.get('__code__')\nrow['modules'] = 3",
    "import json\n\ndef encode(o):\n    return json.dumps({'__class__': type(o).__name__, **vars(o)})",
    "DOC = 'docs/proc/a'\nURL = 'http://x/proc/1'\nx = 'process'\ny = 'tests'\nz = {'tests': 3}",
    "def f():\n    \"\"\"Reads /proc/self and tests/test_words.py under PYTEST.\"\"\"\n    return 'latest/test'",
    "import sys\nsys.excepthook = print",
    "from argparse import ArgumentParser, Namespace\np = ArgumentParser()\nn = p.parse_args()\nn.x = 1",
    "import heapq, bisect, itertools as it, collections\nh = collections.deque()\nheapq.heappush([], 1)",
    "from enum import Enum\n\nclass C(Enum):\n    RED = 1\n    def __str__(self):\n        return self.name",
    "import weakref, copy\n\nclass A:\n    __slots__ = ('x', '__weakref__')\n    def __del__(self):\n"
    "        self.x = None",
    "class M(type):\n    def __new__(mcls, name, bases, ns):\n        ns['kind'] = name\n"
    "        return super().__new__(mcls, name, bases, ns)",
    "A = type('A', (), {'x': 1, '__eq__': lambda a, b: a.x == b.x})",
    "def gen():\n    x = yield 1\n    return x\n\ng = gen()\ng.send(None)\ng.close()",
    "import socket, ssl, http.client\ns = socket.socket\nctx = ssl.create_default_context()\nctx.check_hostname = True",
    "from multiprocessing import Process, Pool\nfrom concurrent.futures import ThreadPoolExecutor\n"
    "Process(target=print)",
    "import time, datetime as dt\nstart = time.perf_counter()\ndt.datetime.now(dt.UTC).isoformat()",
    "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None\nif tomllib:\n    tomllib.loads('')",
    "site = 'x'\ncode = 3\ntrace = [1]\npath = 'a'\nmodules = []\ntrace.append(code)",
    "import shop\nshop.site.path\nshop.code.run()\nshop.trace.start()",
    "from fractions import Fraction\n\nclass V:\n    def __add__(self, o):\n        return V()\n"
    "    __radd__ = __add__\n    __hash__ = None",
]  # fmt: skip


@pytest.mark.parametrize("text", HONEST)
def test_honest_code_is_not_accused(text: str) -> None:
    compile(text, "honest.py", "exec")
    assert rules(text) == set()


def test_what_was_there_before_is_not_held_against_the_coder() -> None:
    old = "import sys\nsys.path.insert(0, 'lib')\n"
    assert rules(old, before=old) == set()
    assert rules("'''Moved.'''\nimport sys\nif True:\n    sys.path.insert(0, 'lib')\n", before=old) == set()
    assert rules(old + "sys.path.insert(0, 'more')\n", before=old) == {"import-hooks"}
    assert rules(old, before="def (") == {"import-hooks"}


def test_a_finding_has_its_line_and_says_what_to_do() -> None:
    (found,) = screen("a.py", "import os\n\n\nquit = os._exit\n", None, [], [])
    assert (found.rule, found.line) == ("process-exit", 4)
    assert found.message == "os._exit: ends or replaces the process; return, raise, or sys.exit() in main"


def test_rules_are_switched_off_by_name() -> None:
    text = "import gc\nimport ctypes\n"
    assert rules(text, allowed=allowed_rules(" ctypes, ")) == {"garbage-collector"}
    assert allowed_rules("") == frozenset()
    with pytest.raises(BadInput, match="garbage, gc"):
        allowed_rules("gc,ctypes,garbage")


NAMES = st.sampled_from(["a", "b", "eval", "sys", "os"])
LINES = st.one_of(
    st.builds("{} = {} + {}".format, NAMES, NAMES, NAMES),
    st.builds("{} = {}.{}".format, NAMES, NAMES, st.sampled_from(["modules", "x"])),
    st.builds("import {} as {}".format, st.sampled_from(["sys", "os.path", "gc"]), NAMES),
    st.builds("{} = getattr({}, {}.join([{}, 'x']))".format, NAMES, NAMES, NAMES, NAMES),
    st.builds("def {}({}={}):\n    global {}\n    {} = 1".format, NAMES, NAMES, NAMES, st.just("c"), st.just("c")),
    st.builds("for {} in ({}, *{}): del {}".format, NAMES, NAMES, NAMES, NAMES),
)


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_no_tangle_of_names_crashes_it(text: str) -> None:
    compile(text, "a.py", "exec")
    assert screen("a.py", text, None, SEALED, []) == screen("a.py", text, None, SEALED, [])


@pytest.mark.parametrize(
    "text",
    [
        "x0 = 'a'\n" + "".join(f"x{n + 1} = x{n} + x{n}\n" for n in range(300)),
        "import os\nx0 = os\n" + "".join(f"x{n + 1} = x{n} or x{n}.y or x{n}.z\n" for n in range(300)),
        "def f(x):\n    return x" + ".get('a')" * 40 + "\n",
        "y = 'z'" + " + 'a'" * 90 + "\n",
        "".join(f"import os as a{n}\na{n}.path\n" for n in range(3_000)),
    ],
    ids=["text", "origins", "calls", "sum", "many"],
)
def test_it_is_quick_whatever_it_reads(text: str) -> None:
    start = time.monotonic()
    assert rules("import gc\n" + text) == {"garbage-collector"}
    assert time.monotonic() - start < 5
