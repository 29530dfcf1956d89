from ..errors import Conflict, NotFound


class ItemNotFound(NotFound):
    type = "urn:problem:item-not-found"
    title = "Item not found"


class ItemCategoryNotFound(NotFound):
    type = "urn:problem:item-category-not-found"
    title = "Item category not found"


class ItemCategoryMissing(Conflict):
    type = "urn:problem:item-category-missing"
    title = "Item category missing"


class ItemCategoryInUse(Conflict):
    type = "urn:problem:item-category-in-use"
    title = "Item category in use"


class ItemNameTaken(Conflict):
    type = "urn:problem:item-name-taken"
    title = "Item name taken"
