"""What `grader` can be asked for, by who asks: each module parses, calls and prints."""
