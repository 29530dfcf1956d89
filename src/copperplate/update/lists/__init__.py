"""Lists to which both sides of a merge add, merged element by element."""
