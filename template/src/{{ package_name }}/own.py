"""The features of this project's own: their routers. No update of the template changes this file."""

from fastapi import APIRouter

ROUTERS: tuple[APIRouter, ...] = ()
