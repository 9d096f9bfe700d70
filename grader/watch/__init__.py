"""`grader watch`: checks what a student writes each time that it is saved.

The process that the student started (`loop`) imports no torch: it hears of saves and keys, and
shows what comes back. Their code runs in one that has imported torch beforehand (`warm`).
"""
