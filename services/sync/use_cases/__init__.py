"""What sync can do: let CDH in, take its events and tell them, and queue what goes into the order folder."""
