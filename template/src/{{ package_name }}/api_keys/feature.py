from ..feature import Feature
from .authentication import SCHEMES, authenticate, open_uses
from .commands import commands
from .letters import created
from .router import router
from .uses import write_uses

feature = Feature(
    "api-keys",
    routers=(router,),
    resources=(open_uses,),
    background=(write_uses,),
    commands=commands,
    authenticate=authenticate,
    service_schemes=SCHEMES,
    letters=(created,),
)
