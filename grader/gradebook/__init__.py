"""Where grades live: each is committed to a database before anyone is told of it, and kept."""

from grader.gradebook.book import Gradebook, MadeExercise, NewGrading, RunSetup, held_by_all
from grader.gradebook.database import GradebookError
from grader.gradebook.kept import KeptGrades
from grader.gradebook.records import EVIDENCE, Conditions, GradedExercise, Grading, RunRecord

__all__ = [
    "EVIDENCE",
    "Conditions",
    "Gradebook",
    "GradebookError",
    "GradedExercise",
    "Grading",
    "KeptGrades",
    "MadeExercise",
    "NewGrading",
    "RunRecord",
    "RunSetup",
    "held_by_all",
]
