"""Brings an existing project to another rendering of its template, without ever losing a line of its users'."""
