right = 0.5
