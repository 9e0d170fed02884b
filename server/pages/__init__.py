"""The approval page, under `/app`: everything on it is reachable from the API too."""

from fastapi import APIRouter

from server.pages import answering, door, listing, plans, static, todos, workflows

router = APIRouter(include_in_schema=False)
for part in (static, door, listing, workflows, todos, plans, answering):
    router.include_router(part.router)
