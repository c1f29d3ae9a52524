"""A model of this process, or a file of one, becomes a version directory that serves."""
