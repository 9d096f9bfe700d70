"""What `grader` can be asked for, by who asks: each module (room) parses, calls and prints.

A student's handout holds the students' rooms and none of the instructors'.
"""

STUDENTS: dict[str, tuple[str, ...]] = {
    "studying": ("list", "hint", "reset"),
    "watching": ("watch",),
    "notebooks": ("notebook",),
}
INSTRUCTORS: dict[str, tuple[str, ...]] = {
    "grading": ("grade", "demo"),
    "history": ("regrade", "diff"),
    "reporting": ("report",),
    "exporting": ("export",),
    "authoring": ("audit", "new"),
    "handing": ("handout",),
    "autograding": ("autograder",),
    "machine": ("doctor",),
}
