"""The process that Python functions are forked from: the client, the AWS SDK, and whatever making a client of it loads."""

import sys

sys.path[:0] = ["/var/zygote", "/var/runtime"]
# Under the name by which tools that wrap handlers look for it.
import awslambdaric.__main__ as awslambdaricmain
import sdk_ahead
import snapshot_restore_py
import updraft_process
import zygote

del sys.path[:2]
# A function may have modules of these names.
del sys.modules["zygote"], sys.modules["sdk_ahead"]
updraft_process.preload(sdk_ahead)
zygote.Forks(updraft_process.occupy).run()
