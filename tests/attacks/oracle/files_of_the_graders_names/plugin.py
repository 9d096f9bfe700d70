raise (
    RuntimeError("LEAK imported " + __name__)
    if __name__ in ("torch", "json", "msgpack", "socket")
    else None
)
right = 0.5
