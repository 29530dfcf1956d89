"""Random histories of a template and of a project, and a model of what an update must keep."""
