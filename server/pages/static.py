"""Files that the page needs; their addresses change with their content."""

from fastapi import APIRouter, Request, Response
from fastapi.staticfiles import StaticFiles

from server.pages.rendering import HERE

router = APIRouter()
_files = StaticFiles(directory=HERE / "static")


@router.get("/app/static/{path:path}")
async def file(request: Request, path: str) -> Response:
    """One file; what came from elsewhere keeps its licence beside it."""
    found = await _files.get_response(path, request.scope)
    found.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return found
