"""Console, the only package that prints: results on standard output, progress and errors on standard error.

The library that draws tables is imported only on use, because its import takes longer than most verbs.
"""
