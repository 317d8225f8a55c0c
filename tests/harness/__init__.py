"""What the black-box tests share: the real binary, real clients, raw sockets. Nothing here knows the inside."""
