"""Notebooks: made for students who work in Colab or Jupyter, and read where they hand one in."""
