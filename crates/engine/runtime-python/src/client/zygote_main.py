"""The process that Python functions are forked from: the client, the AWS SDK, and whatever making a client of it loads."""

import sys

sys.path[:0] = ["/var/zygote", "/var/runtime"]
import bootstrap
import zygote

del sys.path[:2]
bootstrap.preload()
zygote.Forks(bootstrap.occupy).run()
