"""What goes wrong in the exercise `backprop`: one module for each kind of function."""
