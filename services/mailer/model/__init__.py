"""The rules of mailer: who gets which mail (recipients.py), what becomes of it (mails.py)."""
