"""What goes wrong in the exercise `data`: names, folders, pictures, memory, loaders."""
