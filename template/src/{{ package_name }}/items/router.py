import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from ..cache import CacheDep
from ..db.session import ReadOnly, Session, reader_of
from ..etags import ETAG, IF_NONE_MATCH, IfMatch, etag, if_match, if_none_match, json_response_with_etag
from ..idempotency import Idempotent
from ..pagination import Page, SignedCursors
from ..problems import responses
from ..rate_limit import RateLimit
from . import repository, service
from .schemas import CategoryName, ItemChange, ItemCreate, ItemQuery, ItemRead, ItemSummary

FOUND = {"headers": ETAG}
NOT_MODIFIED = {"description": "The client has it already.", "headers": ETAG}
CREATED = {"headers": {**ETAG, "Location": {"description": "Where the item is.", "schema": {"type": "string"}}}}

router = APIRouter(prefix="/items", tags=["items"])
# Routes are tried in this order, so what is asked for most often stands first.


@router.get(
    "/{item_id:uuid}",
    response_model=ItemRead,
    responses={200: FOUND, 304: NOT_MODIFIED, **responses(400, 404, 412)},
    openapi_extra=IF_NONE_MATCH,
)
async def read_item(item_id: uuid.UUID, request: Request) -> Response:
    # The route asked for most: it takes its reader from the request, since to have it injected costs a tenth of it.
    item = await service.get(reader_of(request), item_id)
    return json_response_with_etag(item, etag(item.version), if_none_match(request), if_match(request))


@router.get("", responses=responses(400))
async def list_items(query: Annotated[ItemQuery, Query()], reader: ReadOnly, cursors: SignedCursors) -> Page[ItemRead]:
    """A page of items, the newest first unless `sort` says otherwise."""
    return await service.get_page(reader, cursors, query)


@router.post(
    "",
    status_code=201,
    response_model=ItemRead,
    responses={201: CREATED, **responses(409, 429)},
    dependencies=[Depends(RateLimit("600/minute", name="items-create"))],
)
async def create_item(
    request: Request, new: ItemCreate, session: Session, cache: CacheDep, idempotency: Idempotent
) -> Response:
    """With an `Idempotency-Key`, sending it again changes nothing and is answered the same."""

    async def create() -> Response:
        item = ItemRead.model_validate(await service.create(session, cache, new))
        headers = {"Location": f"{request.scope['path']}/{item.id}", "ETag": etag(item.version)}
        return Response(item.model_dump_json(), 201, headers, "application/json")

    return await idempotency.once(create)


@router.patch("/{item_id:uuid}", response_model=ItemRead, responses={200: FOUND, **responses(404, 409, 412, 428)})
async def change_item(
    item_id: uuid.UUID, changes: ItemChange, session: Session, cache: CacheDep, if_match: IfMatch = None
) -> Response:
    """Change what is sent, if the item is still what `If-Match` says."""
    item = ItemRead.model_validate(await service.change(session, cache, item_id, changes, if_match))
    return json_response_with_etag(item, etag(item.version))


@router.delete("/{item_id:uuid}", status_code=204, responses=responses(400, 404, 409, 412, 428))
async def remove_item(item_id: uuid.UUID, session: Session, cache: CacheDep, if_match: IfMatch = None) -> None:
    """Remove the item, if it is still what `If-Match` says."""
    await service.remove(session, cache, item_id, if_match)


@router.get("/summary")
async def summarise_items(reader: ReadOnly, cache: CacheDep) -> ItemSummary:
    """Figures over all items. While Redis is down they may be some seconds old."""
    return await service.summarise(reader, cache)


@router.get("/categories")
async def list_item_categories(reader: ReadOnly) -> list[str]:
    return await repository.find_categories(reader)


@router.put("/categories/{name}", status_code=204)
async def add_item_category(name: CategoryName, session: Session) -> None:
    """Add the category, unless it is there already."""
    await repository.add_category(session, name)


@router.delete("/categories/{name}", status_code=204, responses=responses(404, 409))
async def remove_item_category(name: CategoryName, session: Session) -> None:
    """Remove the category, if no item is of it."""
    await repository.remove_category(session, name)
