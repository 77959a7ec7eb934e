"""How a file is named when it is kept."""

from urllib.parse import quote


def content_disposition(name: str) -> str:
    """RFC 6266: a plain name for old programs, and the true one in UTF-8."""
    name = "".join(letter for letter in name if letter.isprintable()).replace("/", "_").replace("\\", "_")
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return f"attachment; filename=\"{plain or 'file'}\"; filename*=UTF-8''{quote(name, safe='')}"
