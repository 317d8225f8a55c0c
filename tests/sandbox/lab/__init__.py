"""What the escape suite shares: the place where it happens, what the host shows of it, and the summary."""
