"""`/dev/mail`: the caught letters, in development only. A letter cannot run scripts or load anything."""

from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import cast

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from ..errors import NotFound
from ..resources import resources_of
from .caught import CaughtLetters
from .mailer import Mail

LETTERS = "/dev/mail"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'"
LETTER_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""Policy that gives a letter's HTML its own origin, also outside of its frame (CSP level 3, section 6.4.1)."""

SHOWN = ("Date", "From", "To", "Reply-To", "Subject", "Message-ID")


def install(app: FastAPI) -> None:
    app.add_route(LETTERS, show_letters, include_in_schema=False)
    app.add_route(LETTERS + "/{id}", show_letter, include_in_schema=False)
    app.add_route(LETTERS + "/{id}/html", show_html, include_in_schema=False)


async def show_letters(request: Request) -> HTMLResponse:
    mailer = resources_of(request)[Mail].mailer
    if isinstance(mailer, CaughtLetters):
        return _page("letters.html", letters=await mailer.all())
    return _page("letters.html", server=True)


async def show_letter(request: Request) -> HTMLResponse:
    letter = await _find(request)
    headers = [(name, letter[name]) for name in SHOWN if name in letter]
    id_ = request.path_params["id"]
    return _page("letter.html", id=id_, letter=letter, headers=headers, text=_content(letter, "plain"))


async def show_html(request: Request) -> HTMLResponse:
    html = _content(await _find(request), "html")
    return HTMLResponse(html, headers={"Content-Security-Policy": LETTER_POLICY, "X-Frame-Options": "SAMEORIGIN"})


async def _find(request: Request) -> EmailMessage:
    mailer = resources_of(request)[Mail].mailer
    letters = await mailer.all() if isinstance(mailer, CaughtLetters) else {}
    if letter := letters.get(request.path_params["id"]):
        return letter
    raise NotFound("There is no such letter, or there have been many since.")


def _content(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    return cast("str", part.get_content()) if part else ""


def _page(name: str, **values: object) -> HTMLResponse:
    return HTMLResponse(
        _environment().get_template(name).render(values), headers={"Content-Security-Policy": PAGE_POLICY}
    )


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).with_name("pages"))
    return Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
