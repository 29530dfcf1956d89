"""The questions of a template and the answers to them."""
