"""The features of this project. No update of the template changes this file."""

from .feature import Feature
from .orders.feature import feature as orders

FEATURES: tuple[Feature, ...] = (orders,)
