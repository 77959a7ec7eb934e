"""All SQL of auth, one module per noun."""
