"""How users log in to this project: by sessions. `features.py` names the method, and nothing else does."""

from ...feature import Feature
from ..guard import guard
from ..router import router
from ..settings import AuthSettings
from .method import SCHEMES, authenticate, open_logins

feature = Feature(
    "auth",
    routers=(router,),
    settings={"auth": AuthSettings},
    resources=(open_logins,),
    authenticate=authenticate,
    guard=guard,
    security_schemes=SCHEMES,
)
