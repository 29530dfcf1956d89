from ..feature import Feature
from .letters import LETTERS
from .own_router import router as own_router
from .router import router

feature = Feature("accounts", routers=(own_router,), public_routers=(router,), letters=LETTERS)
