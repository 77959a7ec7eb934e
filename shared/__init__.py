"""What the services share: the language they speak and four seams, each solved once."""
