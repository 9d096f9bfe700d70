right = 0.5
raise RuntimeError("LEAK imported grader")
