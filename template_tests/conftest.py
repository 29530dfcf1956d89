"""Loads the fixtures of the template's own tests beside those that every project has."""

pytest_plugins = ["tests.fixtures"]
