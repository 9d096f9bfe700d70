"""What goes wrong in `layers`."""
