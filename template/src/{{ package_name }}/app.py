"""The application, composed. Importing this module does nothing."""

from fastapi import FastAPI

from . import docs, exception_handlers, features, metadata, middleware, openapi, problems
from .lifespan import lifespan
from .settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or features.settings_class()()
    parts = features.all_features()
    telemetry = features.telemetry_of(settings)
    app = FastAPI(
        title=metadata.TITLE,
        summary=metadata.summary(),
        version=metadata.version(),
        lifespan=lifespan(settings, parts, telemetry),
        openapi_url="/openapi.json" if settings.docs else None,
        docs_url=None,  # `docs` serves it
        redoc_url=None,
        redirect_slashes=False,  # an address is right or wrong, and a redirect would trust the Host header
        responses=problems.responses(500, 503),
        generate_unique_id_function=openapi.operation_id,
        telemetry=telemetry.config,
    )
    exception_handlers.install(app)
    openapi.install(app)
    middleware.install(app, settings, telemetry, [each for feature in parts for each in feature.middleware])
    for router in (router for feature in parts for router in feature.routers):
        app.include_router(router)
    if settings.docs:
        docs.install(app)
    return app
