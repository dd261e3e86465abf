"""The command: arguments, messages, exit statuses. One file per subcommand.

In: what the user types. Out: a call into another room, one line on stderr, an exit status. It may import every room,
and nothing imports it. Nothing heavy is imported before the arguments are read.
"""

from posecore.cli.commands import main

__all__ = ["main"]
