"""Hooks around snapshots, by the name that AWS's runtimes have for them. Nothing starts from a snapshot here, and then none
is called on AWS, either."""

_before, _after = [], []


def register_before_snapshot(func, *args, **kwargs):
    _before.append((func, args, kwargs))
    return func


def register_after_restore(func, *args, **kwargs):
    _after.append((func, args, kwargs))
    return func


def get_before_snapshot():
    return _before


def get_after_restore():
    return _after
