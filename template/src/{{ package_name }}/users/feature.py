from ..feature import Feature
from .commands import commands
from .router import administration, router

feature = Feature("users", routers=(router, administration), commands=commands)
