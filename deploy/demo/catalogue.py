"""What the demo's dealer sells: articles with graduated prices, ways of finishing, reasons to buy."""

from dataclasses import dataclass
from decimal import Decimal

TEXTILE_SIZES = ("S", "M", "L", "XL", "XXL")


@dataclass(frozen=True)
class Finishing:
    """`surcharge` per piece; setting up is a position of its own."""

    name: str
    surcharge: Decimal
    setup_number: str
    setup_text: str
    setup_price: Decimal
    places: tuple[tuple[str, str], ...]
    """Place and size in mm."""


@dataclass(frozen=True)
class Article:
    """`tiers`: from this quantity on, this price of a piece. `finishings` are keys of FINISHINGS."""

    number: str
    name: str
    description: str
    tiers: tuple[tuple[int, Decimal], ...]
    colours: tuple[str, ...]
    finishings: tuple[str, ...]
    quantities: tuple[int, ...]
    has_sizes: bool = False
    unit: str = "Stk."

    def price(self, quantity: int) -> Decimal:
        """The price of one piece when so many are bought."""
        return [price for start, price in self.tiers if quantity >= start][-1]


def _tiers(*pairs: tuple[int, str]) -> tuple[tuple[int, Decimal], ...]:
    return tuple((start, Decimal(price)) for start, price in pairs)


_CHEST = (("Brust, mittig", "280 x 240"), ("Rücken, mittig", "300 x 260"), ("linke Brust", "90 x 60"))
FINISHINGS = {
    "screen": Finishing(
        "Siebdruck", Decimal("1.35"), "E-1001", "Siebdruck: Film und Sieb, je Farbe", Decimal("38.00"), _CHEST
    ),
    "stitch": Finishing(
        "Stick",
        Decimal("3.90"),
        "E-1002",
        "Stick: Punchen der Stickdatei",
        Decimal("45.00"),
        (("linke Brust", "90 x 22"), ("Vorderseite", "80 x 60")),
    ),
    "engraving": Finishing(
        "Gravur",
        Decimal("0.65"),
        "E-1003",
        "Lasergravur: Einrichtung",
        Decimal("29.00"),
        (("Schaft", "45 x 6"), ("Vorderseite", "60 x 30")),
    ),
    "pad": Finishing(
        "Tampondruck",
        Decimal("0.18"),
        "E-1004",
        "Tampondruck: Klischee, je Farbe",
        Decimal("32.00"),
        (("Schaft", "45 x 6.5"), ("Vorderseite", "50 x 25")),
    ),
    "digital": Finishing(
        "Digitaldruck",
        Decimal("0.00"),
        "E-1005",
        "Digitaldruck: Datenprüfung und Proof",
        Decimal("15.00"),
        (("vollflächig", "nach Datenblatt"),),
    ),
    "sublimation": Finishing(
        "Sublimationsdruck",
        Decimal("0.95"),
        "E-1006",
        "Sublimation: Einrichtung der Abwicklung",
        Decimal("25.00"),
        (("umlaufend", "200 x 85"),),
    ),
}

ARTICLES = {
    "tshirt": Article(
        "T-180-H",
        "T-Shirt Herren „Basic 180“",
        "100 % Baumwolle, 180 g/m², Rundhals, vorgeschrumpft",
        _tiers((1, "6.90"), (50, "5.45"), (100, "4.60"), (250, "3.95")),
        ("Petrol", "Schwarz", "Weiß", "Rot", "Royalblau", "Grasgrün", "Graumeliert"),
        ("screen",),
        (30, 50, 60, 80, 100, 120, 150, 200, 250, 300),
        has_sizes=True,
    ),
    "tshirt_ladies": Article(
        "T-180-D",
        "T-Shirt Damen „Basic 180“",
        "100 % Baumwolle, 180 g/m², tailliert",
        _tiers((1, "6.90"), (50, "5.45"), (100, "4.60")),
        ("Petrol", "Schwarz", "Weiß", "Rot", "Royalblau"),
        ("screen",),
        (20, 30, 50, 80, 100),
        has_sizes=True,
    ),
    "polo": Article(
        "P-220-H",
        "Poloshirt Herren „Piqué 220“",
        "100 % Baumwolle, 220 g/m², drei Knöpfe",
        _tiers((1, "15.90"), (25, "13.60"), (50, "12.20"), (100, "10.95")),
        ("Weiß", "Marine", "Anthrazit", "Petrol"),
        ("stitch",),
        (15, 20, 25, 30, 40, 60, 100),
        has_sizes=True,
    ),
    "polo_ladies": Article(
        "P-220-D",
        "Poloshirt Damen „Piqué 220“",
        "100 % Baumwolle, 220 g/m², tailliert",
        _tiers((1, "15.90"), (25, "13.60"), (50, "12.20")),
        ("Weiß", "Marine", "Anthrazit", "Petrol"),
        ("stitch",),
        (10, 15, 20, 30, 40),
        has_sizes=True,
    ),
    "sweater": Article(
        "SW-300",
        "Kapuzensweater „Nordwind“",
        "80 % Baumwolle, 20 % Polyester, 300 g/m²",
        _tiers((1, "27.50"), (25, "24.20"), (50, "21.80")),
        ("Anthrazit", "Marine", "Bordeaux"),
        ("screen", "stitch"),
        (12, 20, 25, 40, 50),
        has_sizes=True,
    ),
    "softshell": Article(
        "SJ-310",
        "Softshelljacke „Alpin“",
        "Dreilagig, Wassersäule 8.000 mm, Kapuze abnehmbar",
        _tiers((1, "54.90"), (10, "49.50"), (25, "45.80"), (50, "42.40")),
        ("Schwarz", "Marine", "Anthrazit/Orange"),
        ("stitch",),
        (6, 8, 10, 15, 20, 25, 40),
        has_sizes=True,
    ),
    "cap": Article(
        "K-6P",
        "Kappe 6-Panel „Classic“",
        "Gebürstete Baumwolle, Metallverschluss",
        _tiers((1, "5.80"), (50, "4.70"), (100, "3.95")),
        ("Marine", "Schwarz", "Beige", "Rot"),
        ("stitch",),
        (30, 50, 60, 100, 150),
    ),
    "vest": Article(
        "W-EN20",
        "Warnweste EN ISO 20471",
        "Polyester, Klasse 2, Klettverschluss",
        _tiers((1, "4.20"), (50, "3.35"), (100, "2.80")),
        ("Gelb", "Orange"),
        ("screen",),
        (20, 30, 50, 100),
        has_sizes=True,
    ),
    "bag": Article(
        "B-140-L",
        "Baumwolltasche, lange Henkel",
        "Bio-Baumwolle, 140 g/m², 38 x 42 cm",
        _tiers((1, "2.40"), (100, "1.65"), (250, "1.32"), (500, "1.14")),
        ("Natur", "Schwarz", "Dunkelgrün"),
        ("screen",),
        (100, 150, 200, 250, 300, 500, 1000),
    ),
    "mug": Article(
        "TA-330",
        "Keramiktasse 330 ml",
        "Weiß glänzend, spülmaschinenfest",
        _tiers((1, "4.90"), (36, "3.65"), (72, "3.10"), (144, "2.75")),
        ("Weiß",),
        ("sublimation",),
        (36, 72, 108, 144, 216),
    ),
    "pen": Article(
        "KS-220",
        "Kugelschreiber „Linea“",
        "Metallclip, blaue Großraummine",
        _tiers((1, "0.98"), (250, "0.72"), (500, "0.58"), (1000, "0.47")),
        ("Nachtblau", "Weiß", "Rot", "Anthrazit"),
        ("pad",),
        (250, 300, 500, 1000, 2000),
    ),
    "pen_metal": Article(
        "KS-900",
        "Metallkugelschreiber im Etui",
        "Messing, matt lackiert",
        _tiers((1, "7.40"), (50, "6.10"), (100, "5.30")),
        ("Schwarz matt", "Silber"),
        ("engraving",),
        (25, 50, 100),
    ),
    "notebook": Article(
        "NB-A5",
        "Notizbuch A5, kariert",
        "96 Blatt, Gummiband, FSC-Papier",
        _tiers((1, "6.20"), (50, "4.95"), (100, "4.30")),
        ("Schwarz", "Dunkelblau", "Naturkarton"),
        ("pad", "screen"),
        (50, 100, 150, 200),
    ),
    "bottle": Article(
        "TF-500",
        "Thermoflasche 500 ml",
        "Edelstahl, doppelwandig",
        _tiers((1, "14.80"), (25, "12.40"), (50, "11.10")),
        ("Schwarz", "Weiß", "Petrol"),
        ("engraving",),
        (25, 50, 75, 100),
    ),
    "umbrella": Article(
        "RS-105",
        "Stockschirm, 105 cm",
        "Automatik, Fiberglas, windfest",
        _tiers((1, "12.90"), (25, "10.80"), (50, "9.60")),
        ("Marine", "Schwarz", "Weiß/Rot"),
        ("screen",),
        (25, 30, 50, 100),
    ),
    "rollup": Article(
        "RU-850",
        "Roll-up-Display 85 x 200 cm",
        "Aluminium, mit Tragetasche, Druck auf Grayback-Film",
        _tiers((1, "89.00"), (3, "79.00"), (5, "74.00")),
        ("Silber",),
        ("digital",),
        (1, 2, 3, 4, 5),
    ),
    "card": Article(
        "VK-350",
        "Visitenkarten 85 x 55 mm, 4/4-farbig",
        "350 g Bilderdruck matt, je Name 250 Stück",
        _tiers((1, "34.90"), (3, "29.90"), (6, "26.50")),
        ("4/4-farbig",),
        ("digital",),
        (1, 2, 3, 4, 6),
        unit="Satz",
    ),
    "flyer": Article(
        "FL-DL",
        "Faltblatt DIN lang, 6 Seiten",
        "135 g Bilderdruck glänzend, Wickelfalz",
        _tiers((500, "0.19"), (1000, "0.12"), (2500, "0.08")),
        ("4/4-farbig",),
        ("digital",),
        (500, 1000, 2500, 5000),
    ),
    "banner": Article(
        "BN-PVC",
        "Werbebanner mit Ösen, 300 x 100 cm",
        "PVC 510 g/m², Hohlsaum",
        _tiers((1, "98.00"), (3, "84.00")),
        ("4/0-farbig",),
        ("digital",),
        (1, 2, 3),
    ),
}


@dataclass(frozen=True)
class Occasion:
    """Why somebody buys: one of `lead` comes first, of `beside` some may join. Empty `months`: all year."""

    subjects: tuple[str, ...]
    lead: tuple[str, ...]
    beside: tuple[str, ...]
    months: tuple[int, ...] = ()


OCCASIONS = (
    Occasion(
        ("T-Shirts für das Sommerfest {year}", "Helfershirts Sommerfest {year}"),
        ("tshirt",),
        ("tshirt_ladies", "cap", "bag", "banner"),
        (4, 5, 6, 7),
    ),
    Occasion(
        ("Messeausstattung {year}", "Roll-ups für den Messestand", "Auftritt auf der Ausbildungsmesse"),
        ("rollup",),
        ("pen", "bag", "flyer", "card", "polo"),
        (1, 2, 3, 8, 9, 10),
    ),
    Occasion(
        (
            "Arbeitskleidung für das Team Montage",
            "Softshelljacken für den Außendienst",
            "Winterbekleidung für die Belegschaft",
        ),
        ("softshell",),
        ("polo", "sweater", "cap", "vest"),
    ),
    Occasion(
        (
            "Poloshirts für den Empfang",
            "Poloshirts mit Stick, Nachbestellung",
            "Einheitliche Kleidung für den Verkauf",
        ),
        ("polo", "polo_ladies"),
        ("polo_ladies", "cap", "softshell"),
    ),
    Occasion(
        ("Kundengeschenke zum Jahresende", "Weihnachtspräsente für Geschäftspartner"),
        ("mug", "bottle", "pen_metal"),
        ("notebook", "umbrella", "pen_metal"),
        (9, 10, 11, 12),
    ),
    Occasion(("Visitenkarten für neue Mitarbeiter", "Visitenkarten, Nachdruck"), ("card",), ("flyer", "pen")),
    Occasion(
        ("Kugelschreiber mit Logo, Nachbestellung", "Streuartikel für das Frühjahr"),
        ("pen",),
        ("notebook", "bag"),
    ),
    Occasion(
        ("Baumwolltaschen zur Eröffnung", "Taschen für den Wochenmarkt"), ("bag",), ("pen", "flyer", "banner")
    ),
    Occasion(("Tassen mit Firmenlogo", "Jubiläumstassen"), ("mug",), ("pen", "notebook")),
    Occasion(
        ("Kapuzensweater für das Team", "Teamkleidung Herbst {year}"),
        ("sweater",),
        ("tshirt", "cap"),
        (8, 9, 10, 11),
    ),
    Occasion(
        ("Warnwesten mit Rückendruck", "Sicherheitskleidung für die Baustelle"),
        ("vest",),
        ("softshell", "tshirt"),
    ),
    Occasion(
        ("Willkommenspakete für Auszubildende", "Notizbücher für die Klausurtagung"),
        ("notebook",),
        ("bottle", "pen_metal", "tshirt", "bag"),
    ),
    Occasion(("Regenschirme für den Empfang",), ("umbrella",), ("notebook",), (9, 10, 11, 2, 3)),
    Occasion(("Kappen und Shirts zum Saisonstart",), ("cap",), ("tshirt", "tshirt_ladies"), (2, 3, 4, 5)),
)
