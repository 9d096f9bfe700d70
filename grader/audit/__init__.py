"""Do the checks catch every known mistake and every mechanical change of the solutions?"""
