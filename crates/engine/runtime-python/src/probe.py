# Run once per interpreter, outside any sandbox: says what it is and compiles the client for it, so that no cold start
# has to. Reads the client's source from standard input.
import json
import marshal
import sys
from importlib import _bootstrap_external as external

source = sys.stdin.buffer.read()
code = compile(source, "/var/runtime/bootstrap.py", "exec", dont_inherit=True)
header = external.MAGIC_NUMBER + bytes(12)
json.dump(
    {
        "version": "%d.%d.%d" % sys.version_info[:3],
        "prefix": sys.base_prefix,
        "client": (header + marshal.dumps(code)).hex(),
    },
    sys.stdout,
)
