"""Git: no other package runs it, spells its arguments or reads its output."""
