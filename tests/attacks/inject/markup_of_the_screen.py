# aim: be read as the markup of the library that draws the screen: colours, links, emoji
# sign: the feedback is coloured or linked as the submission likes, or the screen breaks
# attacks: l1_loss
# own: exception


def l1_loss(input, target, reduction="mean"):
    said = "[/][/][bold green]passed[/] [link=https://a.example]here[/link] [@click=app.quit]"
    raise RuntimeError(said + " :skull: \\[red] @MARKER@ [not closed \\\\\\")
