"""The test console: try a model, see what it says, and how to ask it from elsewhere."""
