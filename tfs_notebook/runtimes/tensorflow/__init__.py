"""SavedModels through TensorFlow's C API, without importing ``tensorflow``."""
