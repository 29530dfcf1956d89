"""Prints complete async Python backends from one template, and keeps them current."""
