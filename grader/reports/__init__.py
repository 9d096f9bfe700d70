"""What people and other programs read of grades: each module makes one thing of a `ClassGrades`."""
