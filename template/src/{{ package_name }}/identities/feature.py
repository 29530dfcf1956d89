from ..feature import Feature
from .commands import commands
from .method import authenticate, open_method
from .router import router

feature = Feature(
    "identities",
    routers=(router,),
    resources=(open_method,),
    commands=commands,
    authenticate=authenticate,
)
