"""What goes wrong in the exercise `monitoring`: graphs, scalars, figures."""
