"""Bodies of the services' internal HTTP, one module per service."""
