"""What moved between two gradings, student by student and check by check, and why."""
