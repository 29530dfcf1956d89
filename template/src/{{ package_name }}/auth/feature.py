"""How users log in to this project: by sessions. Another method would be named here, and nowhere else."""

from ..feature import Feature
from .guard import guard
from .session.method import SCHEMES, authenticate, open_sessions
from .session.router import router
from .settings import AuthSettings

feature = Feature(
    "auth",
    routers=(router,),
    settings={"auth": AuthSettings},
    resources=(open_sessions,),
    authenticate=authenticate,
    guard=guard,
    security_schemes=SCHEMES,
)
