from cli.helpers_cli import headstart_command
from shared_run import shared, warm

__all__ = ["headstart_command", "shared", "warm"]
