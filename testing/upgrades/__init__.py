"""Upgrades: test a project with the newest versions, and with the oldest allowed ones.

python -m scripts.upgrades [--lowest]
"""
