"""The features of this project. No update of the template changes this file."""

from .feature import Feature

FEATURES: tuple[Feature, ...] = ()
