"""What the program needs from the operating system: programs, signals, locks, files and folders."""
