"""The model server inside a Jupyter server: the extension, its host, and the relay to it."""
