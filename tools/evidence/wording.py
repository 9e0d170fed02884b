"""Diagnostics in words, for a model and a person: the most telling first, so that a cut takes the least."""

from collections.abc import Iterable, Iterator

from schemas.diagnostics import ContainerRun, Diagnostics, FailedCheck, Frame

TRACEBACKS = 5
"""Checks whose traceback and output are given in full."""
MEBIBYTE = 1 << 20


def text(found: Diagnostics, limit: int = 16_000) -> str:
    """Plain text with headings, of no more characters than the limit."""
    written = "\n\n".join(filter(None, sections(found)))
    note = f"\n[... {len(written) - limit} characters cut ...]"
    return written if len(written) <= limit else written[: limit - len(note)] + note


def sections(found: Diagnostics) -> Iterator[str]:
    """One after the other; "" where there is nothing to say."""
    stopped = [run for run in found.containers if is_stopped(run)]
    yield f"# {headline(found)}"
    yield section("Ended by a limit", map(container, stopped))
    yield from map(check, found.failing)
    left_out = found.counts.failed - len(found.failing)
    yield f"... and {left_out} more, alike or less telling" if found.failing and left_out > 0 else ""
    yield section("Findings", found.findings)
    yield section("Changed since the last run", found.diff.splitlines())
    yield section("Reruns of the same files", [f"{name}: {', '.join(states)}" for name, states in found.reruns.items()])
    yield section("Containers", [container(run) for run in found.containers if run not in stopped])
    for failed in found.failing[:TRACEBACKS]:
        yield section(f"Traceback of {failed.name}", failed.traceback.splitlines())
        yield section(f"Output of {failed.name}", [*failed.stdout.splitlines(), *failed.stderr.splitlines()])
    yield section("Log", found.log.splitlines())


def headline(found: Diagnostics) -> str:
    """Where it failed, and how much of it."""
    counts = found.counts
    if found.findings and not found.failing:
        return f"Failed at {found.stage}: {counts.failed} findings"
    return f"Failed at {found.stage}" + (f": {counts.failed} of {counts.total} checks" if counts.total else "")


def is_stopped(run: ContainerRun) -> bool:
    """Whether a limit, or worse, ended the container or a command in it."""
    return run.ended != "finished" or any(each.timed_out for each in run.commands)


def section(title: str, lines: Iterable[str]) -> str:
    """A heading and its lines; "" without any."""
    body = "\n".join(lines)
    return f"## {title}\n{body}" if body else ""


def check(failed: FailedCheck) -> str:
    """One check: what was asserted, with which values, for which inputs, and where."""
    lines = [f"## {failed.name} ({failed.kind}: {failed.status})"]
    lines += [f"    {failed.assertion}"] if failed.assertion else []
    lines += [failed.message] if failed.message else []
    lines += [f"values: {failed.values}"] if failed.values and failed.values not in failed.message else []
    lines += [f"left: {failed.left}", f"right: {failed.right}"] if failed.left and not failed.values else []
    lines += [f"input: {each}" for each in failed.inputs]
    lines += [f"at {frame(each)}" for each in failed.frames]
    return "\n".join(lines)


def frame(found: Frame) -> str:
    """`path:line: function: source`."""
    return ": ".join(filter(None, [f"{found.path}:{found.line}", found.function, found.source]))


def container(run: ContainerRun) -> str:
    """How it ended and what it used of what it had."""
    limits = f"of {run.limit_seconds:.0f} s, {run.memory_limit_bytes // MEBIBYTE} MiB, {run.cpus:g} CPUs"
    during = f" during {run.unfinished}" if run.unfinished else ""
    ended = f"container {run.container}: {run.ended.replace('_', ' ')}{during} after {run.seconds:.2f} s ({limits})"
    used = [
        f"  {each.name}: {'ended by its limit' if each.timed_out else f'exit code {each.exit_code}'},"
        f" {each.seconds:.2f} s of {each.limit_seconds:g} s, {each.cpu_seconds:.2f} s of CPU,"
        f" {each.memory_bytes / MEBIBYTE:.0f} MiB"
        for each in run.commands
    ]
    return "\n".join([ended, *used])
