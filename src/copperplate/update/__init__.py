"""Updates of existing projects: another template version or other answers, without losing a line of the user's."""
