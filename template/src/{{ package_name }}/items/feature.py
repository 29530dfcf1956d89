from ..feature import Feature
from .router import router

feature = Feature("items", routers=(router,))
