"""The command line for workstations with CDH; the standard library only, so it runs wherever Python does."""
