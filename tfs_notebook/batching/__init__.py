"""How requests share a run: queues, the threads that empty them, and the joining of rows."""
