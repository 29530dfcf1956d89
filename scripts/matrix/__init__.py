"""Which projects are rendered to prove the template, and how each of them is proved: `python -m scripts.matrix`."""
