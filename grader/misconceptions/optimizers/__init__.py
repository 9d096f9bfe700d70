"""What goes wrong in the exercise `optimizers`: one module for each optimizer."""
