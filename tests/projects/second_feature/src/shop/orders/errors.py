from ..errors import BadRequest, Conflict, NotFound


class OrderNotFound(NotFound):
    type = "urn:problem:order-not-found"
    title = "Order not found"


class OrderedItemMissing(Conflict):
    type = "urn:problem:ordered-item-missing"
    title = "Ordered item missing"


class OrderNotOpen(Conflict):
    type = "urn:problem:order-not-open"
    title = "Order not open"


class PaymentRefused(Conflict):
    type = "urn:problem:payment-refused"
    title = "Payment refused"


class UnreadableOrders(BadRequest):
    type = "urn:problem:unreadable-orders"
    title = "Unreadable orders"
