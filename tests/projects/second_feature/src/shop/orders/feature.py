from ..feature import Feature, ReadinessCheck
from .commands import commands
from .feed import listen, open_feed
from .payments import Payments, PaymentsSettings, open_payments
from .router import router

feature = Feature(
    "orders",
    routers=(router,),
    settings={"payments": PaymentsSettings},
    resources=(open_payments, open_feed),
    background=(listen,),
    readiness=(ReadinessCheck("payments", lambda resources: resources[Payments].ping()),),
    commands=commands,
)
