"""What can run a model: one folder or module a runtime, none knows of the others."""
