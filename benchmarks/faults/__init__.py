"""A printed project under fault and attack, as in production: `python -m benchmarks.faults`."""
