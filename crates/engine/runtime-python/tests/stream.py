import os
import time


def handler(event, context):
    yield '["one",'
    if event == "ok":
        time.sleep(0.4)
        yield '"two"]'
    elif event == "fail":
        raise TypeError("in the middle")
    elif event == "exit":
        time.sleep(0.1)
        os._exit(1)
    elif event == "hang":
        time.sleep(3600)
    elif event == "long":
        for _ in range(20):
            time.sleep(0.05)
            yield " "
        print("the end of it")
    elif event == "flood":
        piece = b" " * (1 << 16)
        for i in range(4800):
            yield piece
            if i == 1024:
                print("sent 64 MB", flush=True)
