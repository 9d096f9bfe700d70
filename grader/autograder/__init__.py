"""Grading where students hand in: what Gradescope and GitHub are given, and what runs there.

`gradescope.py` and `github.py` make the files, `on_gradescope.py` and `on_github.py` run there,
`one.py` is what they have in common: one submission to one grade. A failure of the grader's own
never becomes a grade: nothing is published then, and the platform says that grading failed.
"""
