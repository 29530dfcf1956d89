"""Matrix of the projects that are rendered and verified to test the template: `python -m scripts.matrix`."""
