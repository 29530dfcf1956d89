"""Routes of the application: the routes of included routers, in one list.

FastAPI keeps an included router as a node of a tree. Each request searches the tree twice, with every router before its
own, so each router that is added would make all requests slower.
"""

from collections.abc import Awaitable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.params import Depends
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from .parameters import read_at_once


def include(app: FastAPI, router: APIRouter, dependencies: Sequence[Depends] = ()) -> None:
    """Include the router as FastAPI does, with its routes in the place of the node.

    A router stays a node if it has anything else in it: WebSockets, mounts, frontends, routes of another class, or
    limits for forms.
    """
    app.include_router(router, dependencies=dependencies)
    node: Any = app.router.routes[-1]
    contexts = list(iter_route_contexts([node]))
    are_routes = all(type(context.original_route) is APIRoute for context in contexts)
    if are_routes and not _limits_forms(router) and not node.effective_low_priority_routes():
        routes: list[Any] = app.router.routes  # FastAPI accepts routes and contexts of routes here
        routes[-1:] = [IncludedRoute(context) for context in contexts]


def _limits_forms(router: APIRouter) -> bool:
    inner = [route.original_router for route in router.routes if hasattr(route, "original_router")]
    return bool(router.form_limits) or any(map(_limits_forms, inner))


class IncludedRoute(RouteContext):
    """Route of an included router, with all that the routers add to it, such as a prefix and dependencies."""

    def __init__(self, context: RouteContext) -> None:
        super().__init__(**vars(context))
        # Each request tries all routes before its own, so these are looked up once.
        beginning = (context.path or "").partition("{")[0]
        vars(self).update(beginning=beginning, match=super().__getattr__("matches"), serve=context.app)
        vars(self).update(dependant=read_at_once(context))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if self.beginning not in scope["path"]:  # a proxy's prefix may be before it
            return Match.NONE, {}
        match, found = self.match(scope)
        if match is not Match.NONE:
            found["route"] = self.route
        return match, found

    def handle(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        methods = self.methods or set()
        if scope["method"] not in methods:
            raise HTTPException(405, headers={"Allow": ", ".join(methods)})
        served: Awaitable[None] = self.serve(scope, receive, send)
        return served
