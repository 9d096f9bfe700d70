"""The hidden checks: they decide the grade and are never handed out."""
