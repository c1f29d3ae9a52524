"""SavedModels for the tests, with the answers TensorFlow itself gives.

``build`` imports tensorflow and makes them, once, in a process of its own;
``answers`` is what that process and the tests share, and imports nothing of it.
"""
