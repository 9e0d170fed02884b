"""What a new version of a contract takes away from, or changes for, those who rely on the old one."""

import re
from collections.abc import Iterator

from schemas.contract import Contract, Interface
from schemas.todo import TodoItem


def changes(old: Contract, new: Contract) -> dict[str, str]:
    """Name → what becomes of it, for everything that was agreed and is no longer so. Additions are no change."""
    after = {each.name: each for each in new.interfaces}
    found = {each.name: line for each in old.interfaces if (line := _interface(each, after.get(each.name)))}
    models = {each.name: each for each in new.data_models}
    for model in old.data_models:
        if model.name not in models:
            found[model.name] = f"{model.name} is gone"
        elif model.model_dump() != models[model.name].model_dump():
            found[model.name] = f"{model.name} has other fields"
    return found


def _interface(old: Interface, new: Interface | None) -> str:
    if new is None:
        return f"{old.name} is gone"
    parts = [
        f"moves from {old.module} to {new.module}" if old.module != new.module else "",
        f"changes from `{shape(old)}` to `{shape(new)}`" if shape(old) != shape(new) else "",
        f"raises {', '.join(new.raises) or 'nothing'} instead of {', '.join(old.raises) or 'nothing'}"
        if set(old.raises) != set(new.raises)
        else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"{old.name} {said}" if said else ""


def shape(interface: Interface) -> str:
    """How it is called, and what it gives."""
    parameters = ", ".join(
        f"{each.name}: {each.type}" + (f" = {each.default}" if each.default is not None else "")
        for each in interface.parameters
    )
    return f"{interface.name}({parameters}) -> {interface.return_type}"


def unapproved(old: Contract, new: Contract, item: TodoItem) -> list[str]:
    """Changes of what the todo, as it was approved, names itself; not those that bring it to what the todo spells."""
    text = " ".join([item.title, item.description or "", *item.output_artifacts])
    after = {each.name: each for each in new.interfaces}
    return [
        line
        for name, line in changes(old, new).items()
        if re.search(rf"\b{re.escape(name)}\b", text) and not (name in after and _spelt(after[name], text))
    ]


def _spelt(interface: Interface, text: str) -> bool:
    """Whether the text spells a call with just these parameters."""
    names = [each.name for each in interface.parameters]
    return any(list(call) == names for call in _calls(interface.name, text))


def _calls(name: str, text: str) -> Iterator[tuple[str, ...]]:
    for inside in re.findall(rf"\b{re.escape(name)}\(([^()]*)\)", text):
        yield tuple(part.split(":")[0].split("=")[0].strip() for part in inside.split(",") if part.strip())
