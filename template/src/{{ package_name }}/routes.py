"""Routes of the application. Those of an included router stand in its own list, and are found by one look at it.

FastAPI keeps an included router as a node of a tree. Each request looks through the tree twice, in each router before
its own too, so every router that is added would make all requests slower.
"""

from collections.abc import Awaitable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.params import Depends
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import Match
from starlette.types import Receive, Scope, Send


def include(app: FastAPI, router: APIRouter, dependencies: Sequence[Depends] = ()) -> None:
    """Include the router as FastAPI does, with its routes in the place of the node.

    A router stays a node if it has anything else in it: WebSockets, mounts, frontends, routes of another class, or
    limits for forms.
    """
    app.include_router(router, dependencies=dependencies)
    node: Any = app.router.routes[-1]
    contexts = list(iter_route_contexts([node]))
    are_routes = all(type(context.original_route) is APIRoute for context in contexts)
    if are_routes and not router.form_limits and not node.effective_low_priority_routes():
        routes: list[Any] = app.router.routes  # FastAPI takes both, routes and these, in all that reads the list
        routes[-1:] = [IncludedRoute(context) for context in contexts]


class IncludedRoute(RouteContext):
    """A route with all that its routers add to it, such as a prefix and dependencies, that serves by itself."""

    def __init__(self, context: RouteContext) -> None:
        super().__init__(**vars(context))
        # A request asks all routes before its own, so what it asks with is looked up once.
        beginning = (context.path or "").partition("{")[0]
        vars(self).update(beginning=beginning, match=super().__getattr__("matches"), serve=context.app)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if self.beginning not in scope["path"]:  # which may have the prefix of a proxy before it
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
