"""The rules of mailer: who gets which mail, what becomes of it, and by which way it leaves."""
