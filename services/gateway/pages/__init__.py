"""From a template to an answer."""
