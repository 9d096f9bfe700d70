"""What goes wrong in the exercise `training`: single steps, whole trainings, evaluation."""
