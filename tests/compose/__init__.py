"""`make test-compose`: docker-compose.yml started for real, the main job played through its proxy.

Where an engine runs and its registry of images answers, that one is used. Else, as root on Debian, an engine
of Debian's packages runs in namespaces of its own (network, mounts, processes), with images of Debian's
packages in place of the official ones; when it ends, nothing is left but the cache.
"""
