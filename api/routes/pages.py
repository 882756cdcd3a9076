"""What does a person see who opens the server in a browser?"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from api.principal import Asker
from api.routes.asked import AskedLanguage
from api.settings import PROJECT_FOLDER
from api.text import locate_texts, translator

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(directory=PROJECT_FOLDER / "api" / "templates")


@router.get("/", response_class=HTMLResponse)
def find_grid(request: Request, lang: AskedLanguage, _: Asker) -> HTMLResponse:
    """Show the page on which a person asks for the grid of a place."""
    translate = translator(lang)
    return templates.TemplateResponse(
        request,
        "locate.html",
        {"lang": lang, "_": translate, "texts": locate_texts(translate)},
    )
