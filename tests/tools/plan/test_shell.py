"""A shell command taken apart: operators, quotes, assignments, redirections, substitutions."""

import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.plan.programs import run_of
from tools.plan.shell import simple_commands

WORDS = st.lists(st.text("ab '\"\\$|&;#", min_size=1, max_size=6), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("text", "words", "operators"),
    [
        ("a b", [["a", "b"]], [""]),
        ("a && b || c", [["a"], ["b"], ["c"]], ["&&", "||", ""]),
        ("a '| b' \"&& c\" d\\;e", [["a", "| b", "&& c", "d;e"]], [""]),
        ('pytest -k"a || b"', [["pytest", "-ka || b"]], [""]),
        ("a # b || c", [["a"]], [""]),
        ("a#b", [["a#b"]], [""]),
        ("(a && b) || c", [["a"], ["b"], ["c"]], ["&&", "||", ""]),
        ("a &&\n b\n", [["a"], ["b"]], ["&&", ""]),
        ("a;\n b", [["a"], ["b"]], [";", ""]),
        ("a &> b", [["a"], []], ["&", ""]),
        ("a \\\n b", [["a", "b"]], [""]),
        ("a ''", [["a", ""]], [""]),
    ],
)
def test_a_command_is_split_as_the_shell_does(text: str, words: list[list[str]], operators: list[str]) -> None:
    found = simple_commands(text)
    assert [one.words for one in found] == words
    assert [one.then for one in found] == operators


def test_what_is_no_word_stands_apart() -> None:
    (found,) = simple_commands('A=1 B="x y" run C=3 <in 2>&1 >>out "$HOME" \'$QUIET\' "it\'s $LOUD"')
    assert found.words == ["run", "C=3", "$HOME", "$QUIET", "it's $LOUD"]
    assert found.env == {"A": "1", "B": "x y"}
    assert (found.reads, found.writes, found.variables) == (["in"], ["out"], {"HOME", "LOUD"})


@pytest.mark.parametrize("text", ["test $(date +%s) = 1", 'test "$(date "+%s")" = 1', "test `date +%s` = 1"])
def test_a_substitution_is_a_command(text: str) -> None:
    (found,) = simple_commands(text)
    assert [one.words for one in found.inner] == [["date", "+%s"]]


@pytest.mark.parametrize("text", ["a 'b", 'a "b', "cat <<EOF\nb\nEOF"])
def test_what_does_not_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not end|here-document"):
        simple_commands(text)


def quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


@given(WORDS)
@example(["'", "\\", "$a"])
def test_quoted_words_come_back(words: list[str]) -> None:
    (found,) = simple_commands(" ".join(map(quoted, words)))
    assert found.words == words
    assert not found.variables


@pytest.mark.parametrize(
    "text",
    ["a'b c'd", 'a"b\\"c"', "a\\ b", "a\\\nb c", "a'#'#b #c", '"a\\nb"', "a'\"'b\"'\"", "'a'\"b\"c\\'d"],
)
def test_words_are_those_of_the_real_shell(text: str) -> None:
    done = subprocess.run(["sh", "-c", f"printf '%s\\0' {text}"], capture_output=True, text=True, check=True)
    (found,) = simple_commands(text)
    assert found.words == done.stdout.split("\0")[:-1]


@given(st.text("ab'\"\\$`(){}|&;<># \n=", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = simple_commands(text)
    except ValueError:
        return
    assert all(one.words or one.env or one.reads or one.writes for one in found)


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        ("python -m pytest -q a", "pytest", "pytest"),
        ("pytest a", "pytest", "pytest"),
        ("env A=1 timeout 5 python -W error -m pytest", "pytest", "pytest"),
        ("coverage run --source=a -m pytest a", "pytest", "pytest"),
        ("python -m coverage run a.py", "script", "a.py"),
        ("python -Im a.b c", "module", "a.b"),
        ("python -c code x", "code", "code"),
        ("python --version", "nothing", ""),
        ("bash -euo pipefail -c text", "shell", "text"),
        ("sh -x run.sh", "script", "run.sh"),
        ("exec grep x", "program", "grep"),
        ("command -v python", "program", "command"),
    ],
)
def test_what_is_run_is_known(words: str, kind: str, name: str) -> None:
    run = run_of(words.split())
    assert (run.kind, run.name) == (kind, name)
