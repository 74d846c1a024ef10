from shared_run import shared, warm

__all__ = ["shared", "warm"]
