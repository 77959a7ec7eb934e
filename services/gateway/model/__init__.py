"""Rules of the gateway without input or output."""
