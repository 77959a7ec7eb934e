"""One-shot steps of docker-compose.yml: they prepare what the containers need, and end."""
