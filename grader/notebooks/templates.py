"""What the cells of a notebook say; `$name` is filled in.

They are here, and in no file of their own, because a handout holds modules alone.
"""

ABOUT = """\
# $title

$about

---

Run the cells from the top:

1. **Set up**, once a session.
2. **Write**: the long cell is all of `$path`. Put your code where it says
   `raise NotImplementedError`, and run the cell: it writes the file, however often you run it.
   Line 1 of the file is line 2 of the cell.
3. **Check**, as often as you like; then go back to 2."""

SET_UP = """\
$first_line
import os, sys, urllib.request, zipfile
from pathlib import Path

URL = $url  # where the zip of the course is, if it is to be fetched


def find_course(here):
    folders = [here, *here.parents, *here.iterdir()]
    return next((one for one in folders if os.path.isfile(one / "course.toml")), None)


def unpack_course(here):
    for file in sorted(here.glob("*.zip"), key=os.path.getmtime, reverse=True):
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                if any(name.split("/")[1:] == ["course.toml"] for name in archive.namelist()):
                    return archive.extractall(here)


here = Path.cwd()
if find_course(here) is None:
    unpack_course(here)
if find_course(here) is None and URL:
    urllib.request.urlretrieve(URL, here / "course.zip")
    unpack_course(here)
if find_course(here) is None and "google.colab" in sys.modules:
    from google.colab import files

    print("Choose the zip of the course, as you were given it:")
    files.upload()
    unpack_course(here)
course = find_course(here)
if course is None:
    raise SystemExit(f"There is no course in {here}: put its zip there, and run this cell again.")
os.chdir(course)
sys.path.insert(0, str(course))
from $module import begin

begin("$exercise", "$digest")"""

CHECKS = """\
$first_line
import sys

!"{sys.executable}" -m pytest exercises/test_$exercise.py

# One function alone: add to the line above, say,  -k $function
# Stuck? Take the first sign of the next line away.
# !"{sys.executable}" -m grader.cli hint $function"""

NEXT = """\
## What next

- The last line says which function to write or to mend. What is wrong shows the call, what was
  expected and what came: change the long cell, run it, and check again.
- $after
- Hand in this notebook or `$path`: they are graded alike. On Colab, *File → Download →
  Download .ipynb*.
- When a session on Colab ends, its files are gone; this notebook stays. Come back, run the set-up,
  then the cell with your code."""
