"""The standalone command, one module a subcommand."""
