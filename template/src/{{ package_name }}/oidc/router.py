"""Routes for a browser's way to the provider and back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse

from ..auth.method import Logins
from ..db.session import Session
from ..jobs.queue import JobQueue
from ..problems import responses
from ..rate_limit import RateLimit
from ..resources import resource
from . import service
from .completion import complete
from .provider import Provider
from .schemas import Answer, Beginning
from .tickets import Tickets

LIMIT = "100 per 15 minutes"

public_router = APIRouter(prefix="/auth/oidc", tags=["auth"])

TheProvider = Annotated[Provider, Depends(resource(Provider))]
TicketStore = Annotated[Tickets, Depends(resource(Tickets))]


@public_router.get(
    "/login",
    status_code=303,
    response_class=RedirectResponse,
    responses=responses(422, 429),
    dependencies=[Depends(RateLimit(LIMIT, name="oidc-login"))],
)
async def begin_provider_login(
    asked: Annotated[Beginning, Query()], request: Request, provider: TheProvider, tickets: TicketStore
) -> RedirectResponse:
    """Redirect to the provider's login page. A page links here; a script cannot request it."""
    return await service.begin(request, asked, provider, tickets)


@public_router.get(
    "/callback",
    status_code=303,
    response_class=RedirectResponse,
    responses=responses(400, 403, 422, 429),
    dependencies=[Depends(RateLimit(LIMIT, name="oidc-callback"))],
)
async def complete_provider_login(
    answer: Annotated[Answer, Query()],
    request: Request,
    provider: TheProvider,
    tickets: TicketStore,
    session: Session,
    jobs: JobQueue,
    logins: Logins,
) -> RedirectResponse:
    """End the login at the provider. If the user has cancelled, the page gets `#login_error=access_denied`."""
    arrival = await service.arrive(request, answer, provider, tickets)
    if arrival.claims is None:
        return service.redirect(arrival.location(request, f"#login_error={arrival.error}"))
    user = await service.user_of(arrival.claims, request, session, jobs)
    return await complete(request, arrival, user, logins, tickets)
