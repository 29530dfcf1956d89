"""Login method of this project: signed tokens. Only `features.py` names it."""

from ...feature import Feature
from ..guard import guard
from ..router import router
from ..settings import AuthSettings
from .method import SCHEMES, authenticate, open_logins
from .router import public_router
from .settings import JwtSettings

feature = Feature(
    "auth",
    routers=(router,),
    public_routers=(public_router,),
    settings={"auth": AuthSettings, "jwt": JwtSettings},
    resources=(open_logins,),
    authenticate=authenticate,
    guard=guard,
    security_schemes=SCHEMES,
)
