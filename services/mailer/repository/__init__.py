"""All SQL of mailer, one module per noun."""
