"""The untrusted side: a warm process, forked and confined for each exercise of a submission."""
