"""Resources of a project: their specifications, how these are written, checked and rendered."""
