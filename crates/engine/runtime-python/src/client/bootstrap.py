"""A Python function's process: what is set up before AWS's name for the client takes over."""

import sys

sys.path.insert(0, "/var/runtime")
# Under the name by which tools that wrap handlers look for it.
import awslambdaric.__main__ as awslambdaricmain
import updraft_process

del sys.path[0]

if __name__ == "__main__":
    updraft_process.main(awslambdaricmain)
