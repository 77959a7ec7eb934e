"""All SQL of the gateway: the company's look, and what the staff did."""
