"""What mailer can do: remember recipients, make mails of what was heard, record what became of them."""
