# aim: break whatever stores or sends the feedback: half characters, zeros, ends of lines of others
# sign: the run crashes, or a reader of the JSON does
# attacks: l1_loss
# own: exception


def l1_loss(input, target, reduction="mean"):
    said = "\ud800 \udfff \udcff \x00 \ufffe \U0010ffff \u2028 \u2029 \x85 \x1f"
    raise RuntimeError(said + " '); DROP TABLE grades; -- </script> \" \\u0000 @MARKER@")
