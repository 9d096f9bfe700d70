"""The student's side: runs the exercises on the student's own machine and says what is next."""
