"""What goes wrong in the exercise `linear_regression`: one module for each kind of function."""
