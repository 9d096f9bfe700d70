"""What goes wrong in the exercise `losses`: one module for each kind of loss."""
