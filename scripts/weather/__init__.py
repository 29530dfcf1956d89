"""Whether the versions of today, and the oldest that are allowed, do: `python -m scripts.weather [--lowest]`."""
