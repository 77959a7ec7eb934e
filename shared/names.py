"""How people are named in short."""


def initials(name: str) -> str:
    """ "Sabine Berger" → "SB"."""
    words = [word for word in name.split() if word[0].isalpha()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends).upper()
