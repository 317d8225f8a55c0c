"""The process that Python functions are forked from: the client, the AWS SDK, and whatever making a client of it loads."""

import sys

sys.path[:0] = ["/var/zygote", "/var/runtime"]
# Under the name by which tools that wrap handlers look for it.
import awslambdaric.__main__ as awslambdaricmain
import updraft_process
import zygote

del sys.path[:2]
# A function may have a module of this name.
del sys.modules["zygote"]
updraft_process.preload()
zygote.Forks(updraft_process.occupy).run()
