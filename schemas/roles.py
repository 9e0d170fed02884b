"""The five roles."""

from typing import Literal, get_args

AgentRole = Literal["planner", "architect", "coder", "tester", "debugger"]
ROLES: tuple[AgentRole, ...] = get_args(AgentRole)
