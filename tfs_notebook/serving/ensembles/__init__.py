"""Ensembles: small graphs of servables, described as data."""
