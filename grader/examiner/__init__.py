"""The trusted side: pytest collects the checks once, and a fork of it examines each submission."""
