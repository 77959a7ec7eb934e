"""A square picture to draw on in units of its own, drawn large and reduced, which makes the edges smooth."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFilter

SIZE = 512
"""Width and height in pixels; all coordinates are in these units."""
_SCALE = 4

Point = tuple[float, float]
Colour = tuple[int, int, int]


def rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> Colour:
    """`colour` with this share of `other`."""
    one, two = rgb(colour), rgb(other)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, two, strict=True))
    return red, green, blue


def curve(start: Point, control: Point, end: Point, steps: int = 24) -> list[Point]:
    """Points of a quadratic Bézier curve."""
    points = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append(
            (a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1])
        )
    return points


def path(*points: Point) -> list[Point]:
    """A smooth outline through start, control, end, control, end, …"""
    outline: list[Point] = []
    for index in range(0, len(points) - 2, 2):
        outline += curve(points[index], points[index + 1], points[index + 2])
    return outline


class Canvas:
    def __init__(self, background: str) -> None:
        self._image = _lit(background)
        self._draw = ImageDraw.Draw(self._image)

    def reduced(self) -> Image.Image:
        return self._image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: Colour) -> None:
        box = [(x - rx) * _SCALE, (y - ry) * _SCALE, (x + rx) * _SCALE, (y + ry) * _SCALE]
        self._draw.ellipse(box, fill=fill)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """A line with round ends and corners."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._draw.line(scaled, fill=fill, width=round(width * _SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.ellipse(x, y, width / 2, width / 2, fill)

    # the person

    def frame(self, middle: Point, half: Point, *, radius: float, fill: Colour, width: float) -> None:
        """The outline of a box with round corners; `half` its width and half its height."""
        (x, y), (rx, ry) = middle, half
        box = [(x - rx) * _SCALE, (y - ry) * _SCALE, (x + rx) * _SCALE, (y + ry) * _SCALE]
        self._draw.rounded_rectangle(box, radius=radius * _SCALE, outline=fill, width=round(width * _SCALE))


def _lit(colour: str) -> Image.Image:
    """A soft light from above on a plain colour."""
    small = Image.new("RGB", (64, 64), rgb(colour))
    light = ImageDraw.Draw(small)
    light.ellipse((8, -6, 56, 42), fill=mix(colour, "#FFFFFF", 0.55))
    small = small.filter(ImageFilter.GaussianBlur(9))
    return small.resize((SIZE * _SCALE, SIZE * _SCALE), Image.Resampling.BICUBIC)
