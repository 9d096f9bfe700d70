"""The handout: what a student gets, as a folder and a zip, and nothing that is hidden."""

from grader.handout.making import Handout, make_handout
from grader.handout.placing import HandoutError

__all__ = ["Handout", "HandoutError", "make_handout"]
