"""What goes wrong in the exercise `convnets`: sizes and counts, then the networks."""
