"""All SQL of mailer: the recipients it knows, what waits to be composed, and the queue of mails."""
