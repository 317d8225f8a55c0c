"""What tools that wrap handlers look for behind the program's own module: `awslambdaricmain.bootstrap`."""

from . import bootstrap
from .lambda_runtime_client import LambdaRuntimeClient


def main(handler, address):
    bootstrap.run(handler, LambdaRuntimeClient(address))
