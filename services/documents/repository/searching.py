"""The words of a search. They are compared in search_form, a function that migration 0003 makes."""

_LIKE_SIGNS = str.maketrans({"\\": "\\\\", "%": "\\%", "_": "\\_"})


def literally(word: str) -> str:
    """The word as a part of a LIKE pattern in which no sign has a meaning of its own."""
    return word.translate(_LIKE_SIGNS)
