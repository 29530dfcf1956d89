"""Login method of this project: sessions. Only `features.py` names it."""

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
