"""The launcher behind `make run`: private servers, the six services, a mail catcher. No product code."""
