"""Updates: bring an existing project to another rendering of its template, without losing a line of its users'."""
