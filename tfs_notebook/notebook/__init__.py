"""What a person types in a notebook: magics, and a server of this kernel."""
