"""What auth can do. Passwords are hashed and compared between these steps, never inside a transaction."""
