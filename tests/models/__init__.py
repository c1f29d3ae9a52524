"""SavedModels for the tests, with the answers TensorFlow itself gives.

``build`` imports tensorflow and makes them, once, in a process of its own;
``cache`` keeps them between runs of the suite; ``answers`` is what both share
and imports neither.
"""
