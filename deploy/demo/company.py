# ruff: noqa: E501, RUF001 - names are spelt as their owners do; a table is read by its columns
"""Who is in the demo: the dealer, the clerks, forty customers. All invented, all numbers reserved.

Telephone numbers are from the ranges that the Bundesnetzagentur keeps free for films, mail addresses below
`.example`, postcodes begin with 00, which no German postcode does.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dealer:
    name: str
    street: str
    town: str
    phone: str
    domain: str

    @property
    def line(self) -> str:
        """One line below the name, as on letters and proofs."""
        return f"{self.street} · {self.town} · {self.phone} · {self.domain}"


DEALER = Dealer(
    name="Werbeland Textil & Druck GmbH",
    street="Gewerbering 12",
    town="00815 Musterstadt",
    phone="030 23125 100",
    domain="werbeland.example",
)


@dataclass(frozen=True)
class ClerkProfile:
    clerk_code: str
    name: str
    email: str
    phone: str


CLERKS = (
    ClerkProfile("MB", "Miriam Berger", "miriam.berger@werbeland.example", "030 23125 111"),
    ClerkProfile("TK", "Tobias Kern", "tobias.kern@werbeland.example", "030 23125 112"),
    ClerkProfile("AY", "Aylin Yıldız", "aylin.yildiz@werbeland.example", "030 23125 113"),
    ClerkProfile("SO", "Samuel Okoro", "samuel.okoro@werbeland.example", "030 23125 114"),
    ClerkProfile("IP", "Ingrid Paulsen", "ingrid.paulsen@werbeland.example", "030 23125 115"),
)
OPERATOR_NAME = "Katrin Vogt"
OPERATOR_EMAIL = "it@werbeland.example"


@dataclass(frozen=True)
class Ink:
    """A colour under the names that printers and embroiderers know it by."""

    rgb: str
    pantone: str
    thread: str


WHITE = Ink("#FFFFFF", "Weiß", "Madeira 1801 Weiß")


@dataclass(frozen=True)
class Brand:
    """The look of a customer whose proofs are drawn; `logo` is a name of drawings/logos.typ."""

    logo: str
    main: Ink
    accent: Ink
    motto: tuple[str, str]
    points: tuple[str, str, str]


@dataclass(frozen=True)
class Person:
    contact_id: str
    name: str
    email: str
    phone: str


@dataclass(frozen=True)
class CustomerProfile:
    """`terms_days` after the invoice's date it is due; `share` is how often the customer buys."""

    customer_number: str
    record_number: str
    name: str
    address: str
    email: str
    invoice_email: str
    contacts: tuple[Person, ...]
    clerk_code: str
    terms_days: int
    share: int
    brand: Brand | None = None


_BRANDS = {
    "talwind": Brand(
        "talwind",
        Ink("#1F3A4D", "Pantone 2965 C", "Madeira 1643 Petrol"),
        Ink("#FF9E1B", "Pantone 1375 C", "Madeira 1765 Orange"),
        ("Draußen", "ist drin"),
        ("Verleih und Verkauf", "Touren für Einsteiger", "Beratung mit Erfahrung"),
    ),
    "sonnenbichl": Brand(
        "sonnenbichl",
        Ink("#2C5234", "Pantone 350 C", "Madeira 1650 Tanne"),
        Ink("#EAAA00", "Pantone 124 C", "Madeira 1624 Gold"),
        ("Ehrlich gebraut,", "frisch gezapft"),
        ("Sechs Sorten vom Fass", "Biergarten unter Linden", "Brauereiführung sonntags"),
    ),
    "pusteblume": Brand(
        "pusteblume",
        Ink("#006341", "Pantone 3425 C", "Madeira 1751 Grün"),
        Ink("#E08A00", "Pantone 144 C", "Madeira 1725 Sonne"),
        ("Groß werden", "mit Wind"),
        ("Waldtage", "Eigene Küche", "Offen ab 6.30 Uhr"),
    ),
    "leuchtturm": Brand(
        "leuchtturm",
        Ink("#0C2340", "Pantone 289 C", "Madeira 1842 Marine"),
        Ink("#E04E39", "Pantone 7417 C", "Madeira 1678 Koralle"),
        ("Gut gebrüht", "durch den Tag"),
        ("Eigene Röstung", "Frühstück bis 14 Uhr", "Kuchen vom Blech"),
    ),
    "voltmann": Brand(
        "voltmann",
        Ink("#14365C", "Pantone 2955 C", "Madeira 1842 Marine"),
        Ink("#F2A900", "Pantone 130 C", "Madeira 1624 Gelb"),
        ("Strom, der", "einfach läuft"),
        ("Photovoltaik und Speicher", "Ladestationen", "Notdienst rund um die Uhr"),
    ),
    "tsv": Brand(
        "tsv",
        Ink("#14365C", "Pantone 295 C", "Madeira 1842 Marine"),
        Ink("#D32F3A", "Pantone 1795 C", "Madeira 1637 Rot"),
        ("Wir bewegen", "Musterstadt"),
        ("14 Abteilungen", "Probetraining kostenlos", "Ferienlager für Kinder"),
    ),
    "blattgold": Brand(
        "blattgold",
        Ink("#154734", "Pantone 3435 C", "Madeira 1751 Tanne"),
        Ink("#C9A227", "Pantone 7753 C", "Madeira 1670 Gold"),
        ("Alles beginnt", "mit einem Blatt"),
        ("Stauden aus eigener Zucht", "Floristik für Feste", "Pflege rund ums Jahr"),
    ),
    "hellmann": Brand(
        "hellmann",
        Ink("#24364B", "Pantone 432 C", "Madeira 1841 Anthrazit"),
        Ink("#FE5000", "Pantone Orange 021 C", "Madeira 1678 Orange"),
        ("Kraft braucht", "den richtigen Zahn"),
        ("Getriebe nach Maß", "Instandsetzung in 48 Stunden", "Ausbildung im Betrieb"),
    ),
}

# Cities whose reserved telephone ranges the customers share, with the first number of the range.
_PHONES = ("030 23125 {}", "040 66969 {}", "069 90009 {}", "0221 4710 {}", "089 99998 {}")

# name; street; town; domain; contacts; how often it buys; brand
_CUSTOMERS: tuple[tuple[str, str, str, str, str, int, str], ...] = (
    ("Talwind Outdoor GmbH", "Am Steig 4", "Bad Musterbach", "talwind-outdoor", "Jana Reuter, Felix Brandl", 7, "talwind"),
    ("Brauhaus Sonnenbichl GmbH & Co. KG", "Lindenallee 1", "Oberbeispiel", "brauhaus-sonnenbichl", "Korbinian Moser, Lena Wirth", 4, "sonnenbichl"),
    ("Kita Pusteblume e. V.", "Wiesenweg 17", "Musterstadt", "kita-pusteblume", "Nadine Albers", 2, "pusteblume"),
    ("Hafencafé Leuchtturm, Inh. Silke Jessen", "Kaistraße 9", "Beispielhafen", "hafencafe-leuchtturm", "Silke Jessen", 3, "leuchtturm"),
    ("Voltmann Elektrotechnik GmbH", "Industriestraße 33", "Musterstadt", "voltmann-elektro", "Rainer Voltmann, Sabine Kuhl, Deniz Arslan", 4, "voltmann"),
    ("TSV Musterstadt 1898 e. V.", "Am Sportpark 2", "Musterstadt", "tsv-musterstadt", "Heike Lorenz, Marco Thiel", 3, "tsv"),
    ("Gärtnerei Blattgold GbR", "Gewächshausweg 6", "Neubeispiel", "gaertnerei-blattgold", "Anke Sommer, Ruth Feldmann", 3, "blattgold"),
    ("Hellmann Getriebebau AG", "Werkstraße 80", "Mustertal", "hellmann-getriebe", "Petra Steinhoff, Jochen Ritter, Carla Weiß", 4, "hellmann"),
    ("Autohaus Musterring GmbH", "Ringstraße 101", "Musterstadt", "autohaus-musterring", "Sven Kolbe, Britta Maas", 3, ""),
    ("Bäckerei Kornblick", "Marktplatz 5", "Altbeispiel", "baeckerei-kornblick", "Georg Huber", 2, ""),
    ("Dachdeckerei Firstmann GmbH", "Ziegelweg 12", "Musterdorf", "dachdeckerei-firstmann", "Uwe Firstmann, Tanja Roth", 2, ""),
    ("Zahnarztpraxis Dr. Perlitz", "Schillerstraße 20", "Musterstadt", "praxis-perlitz", "Dr. Corinna Perlitz", 1, ""),
    ("Stadtwerke Beispielhausen GmbH", "Wasserturmplatz 1", "Beispielhausen", "stadtwerke-beispielhausen", "Michael Adler, Yvonne Seidel, Timo Bach", 4, ""),
    ("Fahrradladen Kettenglück", "Bahnhofstraße 44", "Musterstadt", "kettenglueck", "Paul Wendt", 2, ""),
    ("Hotel Musterhof", "Schlossallee 3", "Bad Musterbach", "hotel-musterhof", "Claudia Harms, Emil Novak", 2, ""),
    ("Musikschule Klangraum gGmbH", "Am Konzerthaus 7", "Beispielhausen", "klangraum-musikschule", "Irina Pavlova", 1, ""),
    ("Malerbetrieb Farbenspiel", "Pinselgasse 8", "Musterdorf", "malerbetrieb-farbenspiel", "Kevin Straub, Monika Straub", 2, ""),
    ("Freiwillige Feuerwehr Musterdorf", "Am Gerätehaus 1", "Musterdorf", "feuerwehr-musterdorf", "Dirk Hansen", 2, ""),
    ("Softwarehaus Bitbaum GmbH", "Technologiepark 15", "Musterstadt", "bitbaum", "Leonie Krämer, Amir Rahimi", 3, ""),
    ("Spedition Weitblick GmbH", "Logistikring 40", "Mustertal", "spedition-weitblick", "Holger Pohl, Ewa Nowak", 3, ""),
    ("Apotheke am Beispielmarkt", "Marktplatz 11", "Beispielhausen", "apotheke-beispielmarkt", "Dr. Friederike Kahl", 1, ""),
    ("Weingut Rebenhang", "Kellerweg 2", "Rebenbeispiel", "weingut-rebenhang", "Johannes Rebmann, Vera Rebmann", 2, ""),
    ("Physiotherapie Aufrecht", "Gartenstraße 29", "Musterstadt", "physio-aufrecht", "Simone Ebert", 1, ""),
    ("Schreinerei Astrein", "Holzweg 4", "Altbeispiel", "schreinerei-astrein", "Bernd Lang, Theresa Lang", 2, ""),
    ("Gymnasium am Mustersee, Förderverein", "Seestraße 60", "Musterstadt", "gymnasium-mustersee", "Dr. Karin Busch", 2, ""),
    ("Metzgerei Herzhaft", "Hauptstraße 15", "Musterdorf", "metzgerei-herzhaft", "Alois Brenner", 1, ""),
    ("Reisebüro Fernweh & Meer", "Passage 6", "Beispielhausen", "fernweh-und-meer", "Patricia Lindner", 1, ""),
    ("Landmaschinen Ackermann OHG", "Feldstraße 90", "Neubeispiel", "landmaschinen-ackermann", "Friedrich Ackermann, Sonja Weber", 2, ""),
    ("Kletterhalle Griffig GmbH", "Am Felsen 10", "Musterstadt", "kletterhalle-griffig", "Niklas Jung, Marie Fuchs", 3, ""),
    ("Steuerkanzlei Zahlmann & Partner mbB", "Königsplatz 2", "Musterstadt", "kanzlei-zahlmann", "Matthias Zahlmann", 1, ""),
    ("Pflegedienst Herzenswärme gGmbH", "Rosenweg 31", "Beispielhausen", "pflegedienst-herzenswaerme", "Olga Schmidt, Jens Peters", 3, ""),
    ("Brillenwerk Optik", "Fußgängerzone 18", "Musterstadt", "brillenwerk", "Isabel Graf", 1, ""),
    ("Tierpark Musterwald", "Waldstraße 100", "Musterwald", "tierpark-musterwald", "Gesa Petersen, Robin Scholz", 3, ""),
    ("Imkerei Summer", "Heideweg 5", "Musterwald", "imkerei-summer", "Wolfgang Summer", 1, ""),
    ("Messebau Standfest GmbH", "Hallenstraße 22", "Mustertal", "messebau-standfest", "Daniela Franke, Oliver Stein", 3, ""),
    ("Fitnessstudio Kraftwerk 7", "Bleichstraße 7", "Musterstadt", "kraftwerk-sieben", "Mehmet Kaya, Laura Engel", 2, ""),
    ("Sanitär Klarwasser GmbH", "Brunnenstraße 14", "Beispielhausen", "sanitaer-klarwasser", "Stefan Quell", 2, ""),
    ("Buchhandlung Seitenweise", "Kirchgasse 3", "Musterstadt", "buchhandlung-seitenweise", "Charlotte Engels", 1, ""),
    ("Genossenschaftsbank Mustertal eG", "Rathausplatz 4", "Mustertal", "genobank-mustertal", "Andrea Keller, Florian Ott, Sibel Demir", 3, ""),
    ("Segelschule Beispielsee", "Uferpromenade 12", "Beispielsee", "segelschule-beispielsee", "Hauke Behrens", 2, ""),
)  # fmt: skip

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def _mailbox(name: str) -> str:
    words = [word for word in name.lower().translate(_UMLAUTS).split() if not word.endswith(".")]
    return ".".join(words)


def _customers() -> tuple[CustomerProfile, ...]:
    customers = []
    for index, (name, street, town, domain, people, share, brand) in enumerate(_CUSTOMERS):
        phone = _PHONES[index % len(_PHONES)]
        number = str(10014 + index * 23)
        contacts = tuple(
            Person(
                contact_id=f"{number}-{place}",
                name=person,
                email=f"{_mailbox(person)}@{domain}.example",
                phone=phone.format(200 + index * 15 + place),
            )
            for place, person in enumerate(people.split(", "), start=1)
        )
        customers.append(
            CustomerProfile(
                customer_number=number,
                record_number=str(2207 + index * 61),
                name=name,
                address=f"{name}\n{street}\n{501 + index * 7:05d} {town}",
                email=f"info@{domain}.example",
                invoice_email=f"buchhaltung@{domain}.example" if index % 3 == 0 else "",
                contacts=contacts,
                clerk_code=CLERKS[0].clerk_code if brand == "talwind" else CLERKS[index % 5].clerk_code,
                terms_days=(14, 30, 10)[index % 3],
                share=share,
                brand=_BRANDS.get(brand),
            )
        )
    return tuple(customers)


CUSTOMERS = _customers()
DEMO_CUSTOMER = CUSTOMERS[0]
"""The customer as whom a visitor of the demo logs in."""


def customer_of(brand: str) -> CustomerProfile:
    """The customer with this logo; raises KeyError."""
    for customer in CUSTOMERS:
        if customer.brand and customer.brand.logo == brand:
            return customer
    raise KeyError(brand)


def clerk_name(clerk_code: str) -> str:
    return next(clerk.name for clerk in CLERKS if clerk.clerk_code == clerk_code)
