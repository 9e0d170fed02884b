"""A deterministic chat model that knows the strategy template: no key, no network."""

import re

from langchain_core.messages import AIMessage

from schemas.answers import ArchitectAnswer, CoderAnswer, DiagnosisAnswer, FileAnswer, RepairAnswer
from schemas.base import Document
from schemas.contract import Contract
from schemas.errors import UnreadableRequest
from state.text import unfence
from tools.models.local import Call, LocalModel, reply
from tools.models.offline import faults
from tools.models.offline.architecture import FIXTURES, page, sealed_test
from tools.models.offline.code import CODE, Files
from tools.models.offline.contracts import contract
from tools.models.offline.held_back import CASES
from tools.models.offline.plan import plan
from tools.models.offline.steps import Task, as_object, task_of
from tools.models.offline.strategy import strategy_of

SLOW_ONCE = "A limit ended the first run"
"""In the diagnosis of tests that ended in time when they ran again."""
MORE_TIME = RepairAnswer(timeout_seconds=120, explanation="The tests are right; the machine needs more time for them.")


class OfflineModel(LocalModel):
    """Plans, specifies and writes strategies from templates."""

    faulty: bool = False
    """Makes one realistic mistake per step, on the first try."""

    @property
    def _llm_type(self) -> str:
        return "offline:faulty" if self.faulty else "offline"

    def _answer(self, call: Call, prompt: str) -> AIMessage:
        roles = {
            "planner": self._plan,
            "architect": self._specify,
            "coder": self._write,
            "tester": self._repair,
            "debugger": self._diagnose,
        }
        if call.role not in roles:
            raise UnreadableRequest(f"The offline model has no role {call.role!r}.")
        answer = roles[call.role](call, prompt)
        return reply(answer.model_dump_json(exclude_unset=True), self._llm_type)

    def _slips(self, call: Call) -> bool:
        return self.faulty and call.attempt == 1

    def _plan(self, _: Call, prompt: str) -> Document:
        return plan(prompt)

    def _specify(self, call: Call, prompt: str) -> Document:
        task = task_of(prompt)
        spec = strategy_of(task.description, prompt)
        tests = sealed_test(task.step, task.id, spec)
        documentation = page(task.step, spec)
        agreed = contract(task.step, task.id, spec, next_version(prompt), documentation)
        if self._slips(call) and task.step == "t1_data_integration":
            tests = faults.order_of_a_set(tests)
        if self._slips(call) and task.step == "t3_entry_conditions":
            agreed = faults.position_forgotten(agreed)
        return ArchitectAnswer(
            contract=Contract.model_validate(agreed.model_dump(exclude_defaults=True)),
            tests=answers(tests),
            fixtures=answers(FIXTURES[task.step](spec)),
            held_back=CASES[task.step](spec),
            documentation=documentation,
        )

    def _write(self, call: Call, prompt: str) -> Document:
        task = task_of(prompt)
        spec = strategy_of(task.description, prompt)
        files = CODE[task.step](spec)
        if self._slips(call) and task.step == "t2_indicators":
            files = faults.wrong_value(files, spec)
        if self._slips(call) and task.step == "t4_exit_conditions":
            files = faults.endless_ratchet(files)
        return CoderAnswer(files=answers(files), notes="Written from templates.")

    def _repair(self, call: Call, prompt: str) -> Document:
        diagnosis = unfence(prompt, "diagnosis") or ""
        if SLOW_ONCE in diagnosis:
            return MORE_TIME
        task = task_of(prompt)
        if "flaky_test" in diagnosis:
            tests = sealed_test(task.step, task.id, strategy_of(task.description, prompt))
            return RepairAnswer(tests=answers(tests), explanation="No test depends on the order of a set any more.")
        if has_endless_loop(task, prompt):
            return RepairAnswer(
                hand_over="coder",
                explanation="The tests are right and quick. `exit_reason` never ends: its `while` loop waits for a "
                "price that nothing in the loop changes.",
            )
        return MORE_TIME

    def _diagnose(self, _: Call, prompt: str) -> Document:
        failure = (unfence(prompt, "failure") or "").strip()
        evidence = next(
            (line.strip() for line in failure.splitlines() if re.search(r"\bError\b|Error:|assert", line)), ""
        )
        seen = evidence or failure.split("\n", 1)[0] or "no evidence was given"
        return DiagnosisAnswer(
            failure_class="implementation_bug",
            explanation=f"The code does not do what the sealed tests ask for: {seen[:300]}",
            instructions="Make the code follow the rules of the contract; the sealed tests stand as they are.",
        )


def answers(files: Files) -> list[FileAnswer]:
    """Files as they stand in an answer."""
    return [FileAnswer(path=path, content=content) for path, content in files.items()]


def next_version(prompt: str) -> str:
    """1.0.0, or the next patch level of the contract that the prompt shows."""
    version = str(as_object(unfence(prompt, "contract")).get("version", ""))
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    return f"{match[1]}.{match[2]}.{int(match[3]) + 1}" if match else "1.0.0"


def has_endless_loop(task: Task, prompt: str) -> bool:
    """Whether the prompt shows code with a loop; the right code of this step has none."""
    return task.step == "t4_exit_conditions" and bool(
        re.search(r"^ +while ", unfence(prompt, "files") or "", re.MULTILINE)
    )
