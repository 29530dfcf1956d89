"""Resource: the service that reports, and the variables of OpenTelemetry, which may also be in `.env`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.resources import OTELResourceDetector, Resource

from ..metadata import DISTRIBUTION, version
from .settings import OtelSettings


def resource() -> Resource:
    """Return this project and its version, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise."""
    ours = Resource.create({"service.name": DISTRIBUTION, "service.version": version()})
    return ours.merge(OTELResourceDetector().detect())


@contextmanager
def environment(settings: OtelSettings) -> Iterator[None]:
    """Set the variables while the block runs: the SDK reads them only from the process's environment."""
    before = {name: os.environ.get(name) for name in settings.variables}
    os.environ.update(settings.variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
