"""The dashboard: a model server as it is, its last minutes, and what can be done about it."""
