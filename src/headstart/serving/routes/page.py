"""``GET /``: the page, its script and style, and the report of the run where it is there."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter
from fastapi.responses import Response

from headstart.core.run_folder import RunFolder
from headstart.serving.refusals import Refusal
from headstart.serving.service import Service

SCRIPTS = ("wave.js", "fields.js", "answer.js", "page.js")
FILES = {**dict.fromkeys(SCRIPTS, "text/javascript"), "page.css": "text/css"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "Cache-Control": "no-cache"}
OPEN = ("/", *(f"/{name}" for name in FILES))  # the page is everybody's; what it asks for is not


def router(service: Service) -> APIRouter:
    """The page is read once and kept."""
    found = APIRouter(include_in_schema=False)
    folder = files("headstart.serving") / "page"
    index = (folder / "index.html").read_bytes()
    contents = {name: (folder / name).read_bytes() for name in FILES}

    @found.get("/")
    async def page() -> Response:
        return Response(index, media_type="text/html", headers=HEADERS)

    def add(name: str) -> None:
        @found.get(f"/{name}")
        async def file() -> Response:
            return Response(contents[name], media_type=FILES[name], headers=HEADERS)

    for name in FILES:
        add(name)

    @found.get("/report")
    async def report() -> Response:
        """The page of the run that the bundle belongs to; a bundle that was copied elsewhere has none."""
        place = RunFolder(service.slots.current.shipped.folder.parent).report
        if not place.is_file():
            raise Refusal(
                404, "no_report", "the report lies in the run folder, and a bundle alone is served; see /evidence."
            )
        return Response(place.read_bytes(), media_type="text/html", headers={"Referrer-Policy": "no-referrer"})

    return found
