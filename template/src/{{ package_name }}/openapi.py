"""OpenAPI document: corrections where FastAPI describes other responses than we give, and names that suit clients."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from .problems import MEDIA_TYPE, phrase

PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
GUARD, USER_GUARD = "guard", "user-guard"
"""Security schemes of guards that are a `SecurityBase`. The document replaces them with the schemes of features.

The second one is for operations that only a user may do, and no other principal.
"""

FRAMEWORKS_OWN_SCHEMA = {"$ref": "#/components/schemas/HTTPValidationError"}


def operation_id(route: APIRoute) -> str:
    """Return the function's name, which generated clients use. It must be unique in the project."""
    return route.name


type Schemes = Mapping[str, Mapping[str, Any]]


def install(app: FastAPI, security_schemes: Schemes | None = None, service_schemes: Schemes | None = None) -> None:
    """Install the corrections.

    `security_schemes`: schemes of operations that have a guard; each one is enough. `service_schemes`: schemes that are
    enough, too, except for operations that only a user may do.
    """
    generate = app.openapi
    user_schemes = security_schemes or {}
    all_schemes = {**user_schemes, **(service_schemes or {})}

    def openapi() -> dict[str, Any]:
        document = generate()
        for operation in (operation for path in document["paths"].values() for operation in path.values()):
            if {USER_GUARD: []} in operation.get("security", ()):
                _describe_guard(operation, user_schemes)
            elif {GUARD: []} in operation.get("security", ()):
                _describe_guard(operation, all_schemes)
                if service_schemes:  # too many invalid keys are answered 429
                    _add_problems(operation, "429")
            if "requestBody" in operation:  # the body may be invalid JSON, too large, or of another media type
                _add_problems(operation, "400", "413", "415")
            for response in operation["responses"].values():
                _describe_problem(response)
            for parameter in operation.get("parameters", ()):
                _describe_parameter(parameter)
        _describe_schemes(document, all_schemes)
        for unused in ("HTTPValidationError", "ValidationError"):
            document.get("components", {}).get("schemas", {}).pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way to extend the document


def _describe_schemes(document: dict[str, Any], schemes: Schemes) -> None:
    if schemes:
        known = document.setdefault("components", {}).setdefault("securitySchemes", {})
        for guard in (GUARD, USER_GUARD):
            known.pop(guard, None)
        known.update(schemes)


def _describe_guard(operation: dict[str, Any], schemes: Schemes) -> None:
    others = [each for each in operation["security"] if each not in ({GUARD: []}, {USER_GUARD: []})]
    if schemes:
        operation["security"] = [*({name: []} for name in schemes), *others]
    _add_problems(operation, "401", "403")


def _add_problems(operation: dict[str, Any], *statuses: str) -> None:
    for status in statuses:
        operation["responses"].setdefault(status, _problem(int(status)))


def _problem(status: int) -> dict[str, Any]:
    return {"description": phrase(status), "content": {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}}


def _describe_problem(response: dict[str, Any]) -> None:
    """Correct FastAPI's description: it has the route's media type, and FastAPI's own schema for invalid input."""
    schemas = [content.get("schema") for content in response.get("content", {}).values()]
    if PROBLEM_SCHEMA in schemas or FRAMEWORKS_OWN_SCHEMA in schemas:
        response["content"] = {MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}}


def _describe_parameter(parameter: dict[str, Any]) -> None:
    """Remove `null`: a parameter of a query or a header can be absent, but it is never null."""
    schema = parameter["schema"]
    if choices := schema.pop("anyOf", None):
        some = [choice for choice in choices if choice != {"type": "null"}]
        schema |= some[0] if len(some) == 1 else {"anyOf": some}
    # It is optional in the code only so that a request without it is answered 428 (RFC 6585, section 3), not 422.
    if parameter["name"] == "If-Match":
        parameter["required"] = True
