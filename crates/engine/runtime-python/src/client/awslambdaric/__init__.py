"""updraft's Lambda runtime client for Python, under the name by which functions and libraries know AWS's.

It speaks the Runtime API over one plain socket and behaves towards the function as AWS's client does: handler names,
context, error shapes, log formats. What others import of AWS's package or replace in it is here under the same names. It
imports as little as it can, since every import is paid for by each cold start.
"""

# Of the client that this one is compared with.
__version__ = "4.2.2"
