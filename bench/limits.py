"""What a measured figure is held against."""


def verdict(figure: float, limit: float, unit: str) -> str:
    return f"limit {limit:g} {unit}: {'ok' if figure <= limit else 'over'}"
