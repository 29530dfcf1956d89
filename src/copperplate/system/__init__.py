"""Operating system: programs, signals, locks, files and folders."""
