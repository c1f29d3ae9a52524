"""A client for this server and for any TensorFlow Serving."""
