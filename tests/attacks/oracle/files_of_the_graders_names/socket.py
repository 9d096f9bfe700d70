raise RuntimeError("LEAK imported in the place of another")
