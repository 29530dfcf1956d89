from ..errors import AppError, Conflict, NotFound


class ApiKeyNotFound(NotFound):
    type = "urn:problem:api-key-not-found"
    title = "API key not found"


class TooManyApiKeys(Conflict):
    type = "urn:problem:too-many-api-keys"
    title = "Too many API keys"


class PermissionNotHeld(AppError):
    """The owner of a key cannot give it a permission that the owner does not have."""

    status = 422
    type = "urn:problem:permission-not-held"
    title = "Permission not held"
