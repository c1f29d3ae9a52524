"""A version is loaded and run in a process of its own before the server loads it."""
