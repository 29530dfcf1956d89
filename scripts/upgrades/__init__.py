"""Upgrades: whether a project works with the newest versions, and with the oldest that are allowed.

python -m scripts.upgrades [--lowest]
"""
