"""`grader watch`: checks what a student writes each time that it is saved.

The process that the student started (`loop`) imports no torch: it hears of saves and keys, and shows
what comes back. What runs their code is a process that has imported torch beforehand (`warm`).
"""
