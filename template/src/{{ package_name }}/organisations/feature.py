from ..feature import Feature
from .letters import invitation
from .router import own_router, router

feature = Feature("organisations", routers=(router, own_router), letters=(invitation,))
