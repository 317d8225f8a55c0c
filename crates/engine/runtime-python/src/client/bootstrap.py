"""A Python function's process: what is set up before AWS's name for the client takes over."""

import sys

sys.path.insert(0, "/var/runtime")
# Under the name by which tools that wrap handlers look for it.
import awslambdaric.__main__ as awslambdaricmain
import snapshot_restore_py
import updraft_process


def open_door():
    import updraft_debug

    words = sys.argv[2:]
    del sys.argv[1:]
    return lambda: updraft_debug.open_door(int(words[0]), "--wait" in words)


debugger = open_door() if sys.argv[1:2] == ["--debugger"] else None
del sys.path[0]

if __name__ == "__main__":
    updraft_process.main(awslambdaricmain, debugger)
