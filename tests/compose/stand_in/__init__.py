"""Base images and servers from Debian's packages, for machines that reach no registry of images."""
