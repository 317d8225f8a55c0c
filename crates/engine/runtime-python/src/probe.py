# Run once per interpreter, outside any sandbox: says what it is and compiles our modules for it, so that no cold start
# has to. Reads their sources from standard input, by the paths that they will have.
import json
import marshal
import sys
from importlib import _bootstrap_external as external
from importlib.util import find_spec


def compiled(path, source):
    code = compile(source, path, "exec", dont_inherit=True)
    return (external.MAGIC_NUMBER + bytes(12) + marshal.dumps(code)).hex()


json.dump(
    {
        "version": "%d.%d.%d" % sys.version_info[:3],
        "prefix": sys.base_prefix,
        "modules": {path: compiled(path, source) for path, source in json.load(sys.stdin).items()},
        # What entering a sandbox takes; some distributions leave it out.
        "forks": all(find_spec(name) for name in ("_ctypes", "resource", "select")),
    },
    sys.stdout,
)
