from ..errors import Conflict, NotFound


class ItemNotFound(NotFound):
    type = "urn:problem:item-not-found"
    title = "Item not found"


class ItemNameTaken(Conflict):
    type = "urn:problem:item-name-taken"
    title = "Item name taken"
