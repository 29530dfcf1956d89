"""The application, composed. Importing this module does nothing."""

from fastapi import Depends, FastAPI

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
    openapi.install(app, {name: scheme for feature in parts for name, scheme in feature.security_schemes.items()})
    middleware.install(app, settings, telemetry, parts)
    guards = [Depends(feature.guard) for feature in parts if feature.guard]
    for feature in parts:
        for router in feature.routers:
            app.include_router(router, dependencies=guards)
        for router in feature.public_routers:
            app.include_router(router)
    if settings.docs:
        docs.install(app)
    return app
