"""Crashes of commands, and other programs that write meanwhile."""
