"""What the widgets of a notebook share: their thread, their looks, their languages."""
