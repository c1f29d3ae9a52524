"""Runs that are made before a version serves."""
