"""Grades as other programs read them: one module a format, each made of pure functions.

What reaches students - gradescope, github, exercism, markdown of one submission - is made of
`grader.reports.view.student_view`. What instructors upload holds everything.
"""
