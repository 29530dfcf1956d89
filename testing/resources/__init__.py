"""Resources that together have every pair of type, option, scope, reference and operation."""
