"""Fields of a posted form as plain text."""

from typing import Annotated

from fastapi import Depends, Request

from schemas.errors import BadInput
from state.text import clean


async def fields(request: Request) -> dict[str, str]:
    """Name → text, cleaned. Raises BadInput for files."""
    form = await request.form()
    found = {name: value for name, value in form.items() if isinstance(value, str)}
    if len(found) < len(form):
        raise BadInput("Files are not taken here.")
    cleaned: dict[str, str] = clean(found)
    return cleaned


Fields = Annotated[dict[str, str], Depends(fields)]
