"""How well customers fit (ideal profiles), how interested they are (events that fade), and what follows from it."""
