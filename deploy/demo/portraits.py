"""Portraits of the demo's clerks, drawn here so that no real person's picture is needed."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from deploy.demo.canvas import Canvas, Colour, curve, mix, path, rgb

Hair = Literal["bob", "short", "long", "curls", "bun"]
Clothes = Literal["blouse", "polo", "sweater", "shirt", "jacket"]


@dataclass(frozen=True)
class Portrait:
    """What one person looks like; colours as hexadecimal RGB."""

    background: str
    skin: str
    hair: Hair
    hair_colour: str
    clothes: Clothes
    clothes_colour: str
    glasses: str = ""
    beard: bool = False
    earrings: str = ""


PORTRAITS = {
    "MB": Portrait("#F6D9C5", "#F2C5A5", "bob", "#8E3F22", "blouse", "#1F6F78", earrings="#E9B44C"),
    "TK": Portrait("#CFE3EE", "#EDB892", "short", "#B98645", "polo", "#2B4A73", beard=True),
    "AY": Portrait("#E6DCF1", "#D9A074", "long", "#2A1B18", "sweater", "#C8553D"),
    "SO": Portrait("#D8E8CF", "#7A4A2E", "curls", "#1C1413", "shirt", "#F3F1EA", glasses="#2F2A28"),
    "IP": Portrait("#F5E6B8", "#F3CDB4", "bun", "#B9B7B4", "jacket", "#54406B", glasses="#8C2F39"),
}
"""Clerk's short code to portrait."""


def draw_portrait(clerk_code: str) -> bytes:
    """The clerk's portrait as a PNG of SIZE x SIZE pixels; the same bytes each time."""
    figure = _Figure(PORTRAITS[clerk_code])
    figure.draw()
    content = io.BytesIO()
    figure.reduced().save(content, "PNG", compress_level=6)
    return content.getvalue()


class _Figure(Canvas):
    def __init__(self, portrait: Portrait) -> None:
        super().__init__(portrait.background)
        self._portrait = portrait
        self._skin = rgb(portrait.skin)
        self._shade = mix(portrait.skin, "#6B2E1E", 0.22)
        self._hair = rgb(portrait.hair_colour)
        self._hair_light = mix(portrait.hair_colour, "#FFFFFF", 0.14)
        self._clothes = rgb(portrait.clothes_colour)
        self._fold = mix(portrait.clothes_colour, "#000000", 0.16)

    def draw(self) -> None:
        back: dict[Hair, Callable[[], None]] = {
            "bob": self._bob_back,
            "long": self._long_back,
            "bun": self._bun_back,
        }
        front: dict[Hair, Callable[[], None]] = {
            "bob": self._bob_front,
            "short": self._short_front,
            "long": self._long_front,
            "curls": self._curls_front,
            "bun": self._bun_front,
        }
        if self._portrait.hair in back:
            back[self._portrait.hair]()
        self._body()
        self._head()
        if self._portrait.beard:
            self._beard()
        self._face()
        front[self._portrait.hair]()
        if self._portrait.glasses:
            self._glasses(rgb(self._portrait.glasses))

    # shapes, in units of the portrait

    def _body(self) -> None:
        shoulders = path(
            (58, 520),
            (62, 398),
            (176, 376),
            (222, 366),
            (256, 366),
            (290, 366),
            (336, 376),
            (450, 398),
            (454, 520),
        )
        self.polygon(shoulders, self._clothes)
        if self._portrait.clothes != "sweater":
            self._neck()
        dressed: dict[Clothes, Callable[[], None]] = {
            "blouse": self._blouse,
            "polo": self._polo,
            "sweater": self._sweater,
            "shirt": self._shirt,
            "jacket": self._jacket,
        }
        dressed[self._portrait.clothes]()
        for side in (-1, 1):  # the arms
            self.line(
                curve((256 + side * 132, 520), (256 + side * 134, 480), (256 + side * 126, 452)),
                self._fold,
                4,
            )

    def _neck(self) -> None:
        self.polygon([(214, 300), (298, 300), (302, 372), (256, 420), (210, 372)], self._skin)
        self.polygon(
            path((214, 318), (256, 384), (298, 318), (298, 300), (298, 300), (214, 300), (214, 300)),
            self._shade,
        )

    def _blouse(self) -> None:
        self.polygon([(206, 360), (256, 452), (306, 360), (300, 356), (256, 424), (212, 356)], self._fold)
        self.polygon(
            [(208, 352), (180, 380), (226, 430), (256, 446)],
            mix(self._portrait.clothes_colour, "#FFFFFF", 0.2),
        )
        self.polygon(
            [(304, 352), (332, 380), (286, 430), (256, 446)],
            mix(self._portrait.clothes_colour, "#FFFFFF", 0.2),
        )
        self.line([(256, 448), (256, 520)], self._fold, 3)

    def _polo(self) -> None:
        light = mix(self._portrait.clothes_colour, "#FFFFFF", 0.22)
        self.polygon([(236, 404), (276, 404), (276, 480), (236, 480)], self._fold)
        self.ellipse(256, 438, 5, 5, (245, 245, 245))
        self.ellipse(256, 464, 5, 5, (245, 245, 245))
        self.polygon([(208, 350), (178, 384), (214, 428), (256, 416)], light)
        self.polygon([(304, 350), (334, 384), (298, 428), (256, 416)], light)

    def _sweater(self) -> None:
        self.polygon([(214, 300), (298, 300), (302, 380), (210, 380)], self._skin)
        self.polygon(
            path((214, 318), (256, 380), (298, 318), (298, 300), (298, 300), (214, 300), (214, 300)),
            self._shade,
        )
        collar = path(
            (206, 352),
            (256, 392),
            (306, 352),
            (316, 366),
            (312, 384),
            (256, 430),
            (200, 384),
            (196, 366),
            (206, 352),
        )
        self.polygon(collar, mix(self._portrait.clothes_colour, "#FFFFFF", 0.14))
        self.line(curve((201, 384), (256, 428), (311, 384)), self._fold, 3)

    def _shirt(self) -> None:
        cut = mix(self._portrait.clothes_colour, "#8FA3B8", 0.45)
        self.line([(256, 430), (256, 520)], cut, 4)
        for y in (456, 492):
            self.ellipse(268, y, 4.5, 4.5, cut)
        for side in (-1, 1):
            flap = [
                (256 + side * 47, 348),
                (256 + side * 76, 386),
                (256 + side * 42, 432),
                (256, 428),
                (256, 416),
            ]
            self.polygon(flap, (255, 255, 255))
            self.line([flap[1], flap[2], flap[3]], cut, 3.5)

    def _jacket(self) -> None:
        blouse = (247, 240, 228)
        self.polygon(
            [(212, 356), (256, 424), (300, 356), (318, 372), (268, 520), (244, 520), (194, 372)], blouse
        )
        self._neck()
        self.line(curve((213, 372), (256, 430), (299, 372)), rgb("#C9A24B"), 4)
        self.ellipse(256, 405, 7, 7, rgb("#C9A24B"))
        for side in (-1, 1):
            lapel = [
                (256 + side * 50, 356),
                (256 + side * 92, 398),
                (256 + side * 74, 430),
                (256 + side * 84, 442),
                (256 + side * 6, 520),
                (256 + side * 2, 520),
            ]
            self.polygon(lapel, mix(self._portrait.clothes_colour, "#FFFFFF", 0.13))
            self.line([lapel[1], lapel[2], lapel[3], lapel[4]], self._fold, 3)

    def _head(self) -> None:
        for side in (-1, 1):
            self.ellipse(256 + side * 96, 232, 17, 24, self._skin)
            self.ellipse(256 + side * 97, 234, 9, 14, self._shade)
            if self._portrait.earrings:
                self.ellipse(256 + side * 99, 264, 7, 7, rgb(self._portrait.earrings))
        head = path(
            (160, 200),
            (160, 104),
            (256, 104),
            (352, 104),
            (352, 200),
            (354, 268),
            (322, 308),
            (292, 344),
            (256, 344),
            (220, 344),
            (190, 308),
            (158, 268),
            (160, 200),
        )
        self.polygon(head, self._skin)

    def _face(self) -> None:
        brow = mix(self._portrait.hair_colour, "#1A1210", 0.35)
        eye = rgb("#2A1D18")
        cheek = mix(self._portrait.skin, "#D9534F", 0.22)
        for side in (-1, 1):
            self.ellipse(256 + side * 60, 268, 20, 13, cheek)
            self.line(curve((256 + side * 24, 196), (256 + side * 44, 183), (256 + side * 64, 196)), brow, 7)
            self.ellipse(256 + side * 43, 226, 10.5, 12.5, eye)
            self.ellipse(256 + side * 43 + 4, 221, 3.6, 3.6, (255, 255, 255))
        self.line(path((256, 232), (270, 258), (258, 264), (250, 266), (246, 262)), self._shade, 5)
        mouth = path((224, 290), (256, 302), (288, 290), (284, 322), (256, 322), (228, 322), (224, 290))
        self.polygon(mouth, mix(self._portrait.skin, "#7A1F24", 0.72))
        self.polygon(
            path((229, 292), (256, 303), (283, 292), (280, 302), (256, 305), (232, 302), (229, 292)),
            (255, 255, 255),
        )

    def _beard(self) -> None:
        beard = path(
            (161, 236),
            (166, 262),
            (186, 262),
            (206, 250),
            (228, 278),
            (256, 268),
            (284, 278),
            (306, 250),
            (326, 262),
            (346, 262),
            (351, 236),
            (354, 282),
            (324, 318),
            (292, 354),
            (256, 354),
            (220, 354),
            (188, 318),
            (158, 282),
            (161, 236),
        )
        self.polygon(beard, self._hair)

    def _glasses(self, frame: Colour) -> None:
        for side in (-1, 1):
            self.frame((256 + side * 45, 225), (33, 29), radius=24, fill=frame, width=6)
            self.line([(256 + side * 78, 218), (256 + side * 98, 212)], frame, 6)
        self.line(curve((244, 220), (256, 212), (268, 220)), frame, 6)

    # hair

    def _bob_back(self) -> None:
        outline = path(
            (256, 70),
            (126, 70),
            (132, 220),
            (130, 300),
            (150, 342),
            (180, 362),
            (216, 340),
            (256, 300),
            (296, 340),
            (332, 362),
            (362, 342),
            (382, 300),
            (380, 220),
            (386, 70),
            (256, 70),
        )
        self.polygon(outline, mix(self._portrait.hair_colour, "#000000", 0.18))

    def _bob_front(self) -> None:
        left = path(
            (300, 96),
            (220, 120),
            (176, 206),
            (172, 260),
            (180, 330),
            (140, 330),
            (134, 250),
            (120, 70),
            (256, 72),
            (290, 72),
            (300, 96),
        )
        right = path(
            (286, 84),
            (318, 130),
            (340, 206),
            (340, 260),
            (332, 330),
            (372, 330),
            (378, 250),
            (390, 84),
            (286, 74),
            (280, 76),
            (286, 84),
        )
        self.polygon(right, self._hair)
        self.polygon(left, self._hair)
        self.line(curve((268, 92), (196, 112), (164, 190)), self._hair_light, 6)

    def _short_front(self) -> None:
        outline = path(
            (158, 222),
            (140, 150),
            (172, 110),
            (200, 66),
            (270, 72),
            (350, 72),
            (358, 150),
            (360, 190),
            (354, 222),
            (348, 170),
            (330, 152),
            (260, 176),
            (222, 140),
            (186, 150),
            (174, 176),
            (164, 200),
            (158, 222),
        )
        self.polygon(outline, self._hair)
        self.line(curve((214, 104), (262, 84), (312, 102)), self._hair_light, 7)

    def _long_back(self) -> None:
        outline = path(
            (256, 66),
            (116, 66),
            (128, 220),
            (132, 360),
            (104, 452),
            (170, 470),
            (206, 420),
            (256, 400),
            (306, 420),
            (342, 470),
            (408, 452),
            (380, 360),
            (384, 220),
            (396, 66),
            (256, 66),
        )
        self.polygon(outline, self._hair)

    def _long_front(self) -> None:
        for side in (-1, 1):
            lock = path(
                (256, 84),
                (256 + side * 74, 110),
                (256 + side * 90, 216),
                (256 + side * 90, 300),
                (256 + side * 76, 392),
                (256 + side * 104, 452),
                (256 + side * 146, 440),
                (256 + side * 122, 330),
                (256 + side * 126, 220),
                (256 + side * 132, 70),
                (256, 70),
            )
            self.polygon(lock, self._hair)
            self.line(
                curve((256 + side * 30, 100), (256 + side * 104, 120), (256 + side * 108, 260)),
                self._hair_light,
                5,
            )

    def _curls_front(self) -> None:
        for x, y, radius in (
            (164, 176, 27), (160, 148, 30), (176, 118, 34), (206, 96, 36), (242, 84, 38), (280, 86, 38),
            (314, 98, 35), (338, 122, 32), (350, 150, 29), (348, 178, 25), (210, 124, 34), (256, 116, 38),
            (302, 124, 34),
        ):  # fmt: skip
            self.ellipse(x, y, radius, radius, self._hair)
        for x, y in ((206, 92), (246, 78), (290, 84), (326, 112), (178, 122), (228, 114), (272, 108)):
            self.line(curve((x - 9, y + 4), (x, y - 9), (x + 9, y + 4)), self._hair_light, 4)

    def _bun_back(self) -> None:
        self.ellipse(256, 62, 50, 46, self._hair)
        self.line(curve((228, 52), (256, 34), (284, 54)), self._hair_light, 5)
        self.line(curve((222, 70), (256, 50), (292, 72)), self._hair_light, 5)

    def _bun_front(self) -> None:
        outline = path(
            (158, 230),
            (136, 150),
            (176, 110),
            (208, 78),
            (256, 78),
            (304, 78),
            (336, 110),
            (376, 150),
            (354, 230),
            (350, 176),
            (318, 150),
            (286, 128),
            (262, 132),
            (206, 140),
            (184, 170),
            (164, 196),
            (158, 230),
        )
        self.polygon(outline, self._hair)
        for bend in (0, 34):
            self.line(
                curve(
                    (262 - bend * 0.4, 130), (200 + bend, 118 - bend * 0.4), (166 + bend * 0.7, 176 - bend)
                ),
                self._hair_light,
                4,
            )
        self.line(curve((274, 128), (322, 124), (346, 178)), self._hair_light, 4)
