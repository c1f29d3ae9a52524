"""Models to try the server with."""
