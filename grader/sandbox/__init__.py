"""The untrusted side: a warm process that is forked and confined for each exercise of a submission."""
