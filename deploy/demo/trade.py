"""Two years of trade, by chance and by rule: quotes become orders or not, orders get delivered and paid."""

import datetime as dt
import random
from decimal import Decimal

from deploy.demo.catalogue import ARTICLES, FINISHINGS, OCCASIONS, Article, Occasion
from deploy.demo.company import CLERKS, CUSTOMERS, DEMO_CUSTOMER, CustomerProfile
from deploy.demo.drafts import Calendar, Draft, Line, freight_position, make_positions, to_cents, working_day
from shared.events.sync import DocumentKind

DEALS = 362
RECENT_DEALS = 18
ORDERS_OF_DEMO_CUSTOMER = (9, 22, 29, 36, 52, 66)
"""Days ago, so that the customer of the demo has something in each state."""
UNPAID_DAYS = 50
"""The customer of the demo has not paid yet what was invoiced since."""
DAYS = 730
PRINTED_DAYS = 365
"""How far back the portal has printouts of the demo's customer; older ones lie in the archive."""
FREIGHT_BELOW = Decimal(400)
MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)


class Trade:
    """Makes deals one after the other; `drafts` holds all their documents."""

    def __init__(self, rng: random.Random, today: dt.date) -> None:
        self._rng = rng
        self._today = today
        self._calendar = Calendar(rng, today - dt.timedelta(days=1))
        self.drafts: list[Draft] = []

    def make_deals(self) -> None:
        buyers = [customer for customer in CUSTOMERS for _ in range(customer.share)]
        for index in range(DEALS):
            # every customer at least twice, the rest by how often they buy
            customer = (
                CUSTOMERS[index % len(CUSTOMERS)] if index < 2 * len(CUSTOMERS) else self._rng.choice(buyers)
            )
            days_ago = self._rng.randint(2, DAYS)
            self._make_deal(customer, working_day(self._today - dt.timedelta(days=days_ago)))
        for _ in range(RECENT_DEALS):  # so that something is always on its way
            days_ago = self._rng.randint(2, 14)
            self._make_deal(self._rng.choice(buyers), working_day(self._today - dt.timedelta(days=days_ago)))
        for days_ago in ORDERS_OF_DEMO_CUSTOMER:
            date = working_day(self._today - dt.timedelta(days=days_ago))
            self._make_deal(DEMO_CUSTOMER, date, kind=DocumentKind.ORDER)

    def _make_deal(self, customer: CustomerProfile, date: dt.date, kind: DocumentKind | None = None) -> None:
        if date > self._calendar.last_day:
            return
        occasion = self._rng.choice([one for one in OCCASIONS if not one.months or date.month in one.months])
        positions = make_positions(self._rng, self._choose_lines(occasion))
        if sum(position.net_total for position in positions) < FREIGHT_BELOW:
            positions += (freight_position(),)
        first = Draft(
            kind or (DocumentKind.QUOTE if self._rng.random() < 0.86 else DocumentKind.ORDER),
            customer,
            self._rng.choice(customer.contacts),
            customer.clerk_code if self._rng.random() < 0.85 else self._rng.choice(CLERKS).clerk_code,
            self._rng.choice(occasion.subjects).format(year=date.year),
            "",
            date,
            positions,
        )
        self.drafts.append(first)
        order = self.decide_quote(first) if first.kind is DocumentKind.QUOTE else first
        if order is not None:
            self.fulfil(order)

    def _choose_lines(self, occasion: Occasion) -> tuple[Line, ...]:
        beside = self._rng.sample(
            occasion.beside, k=min(self._rng.choice((0, 1, 1, 2, 2, 3)), len(occasion.beside))
        )
        lead = self._rng.choice(occasion.lead)
        keys = [lead, *(key for key in beside if key != lead)]
        return tuple(self._choose_line(ARTICLES[key]) for key in keys)

    def _choose_line(self, article: Article) -> Line:
        finishing = FINISHINGS[self._rng.choice(article.finishings)]
        place, size = self._rng.choice(finishing.places)
        return Line(
            article,
            self._rng.choice(article.quantities),
            self._rng.choice(article.colours),
            finishing,
            place=place,
            size_mm=size,
            colours=self._rng.choice((1, 1, 2, 2, 3)),
        )

    def decide_quote(self, quote: Draft) -> Draft | None:
        """Send the quote and see what becomes of it; returns the order."""
        calendar, rng = self._calendar, self._rng
        calendar.enter(quote, "quote.created", quote.date)
        sent_on = calendar.later(quote.date, 0, 1)
        calendar.enter(quote, "quote.sent", sent_on)
        asked_on = calendar.later(sent_on, 2, 6)
        calendar.enter(quote, rng.choice(("quote.deciding", "quote.reminded")), asked_on)
        decided_on = calendar.later(asked_on, 1, 12)
        quote.due_date = quote.date + dt.timedelta(days=30)
        if decided_on > calendar.last_day:
            return None
        fate = rng.random()
        if fate > 0.82:
            calendar.enter(quote, "quote.declined", decided_on)
            return None
        places = tuple(range(1, len(quote.positions) + 1))
        articles = [place for place in places if not quote.positions[place - 1].is_setup]
        positions = quote.positions
        if fate < 0.06 and len(articles) > 1:  # one article is not wanted after all
            dropped = articles[-1]
            kept = tuple(place for place in places if place != dropped)
            positions = tuple(quote.positions[place - 1] for place in kept)
            calendar.enter(quote, "quote.declined", decided_on, (dropped,))
            calendar.enter(quote, "quote.converted", decided_on, kept)
        else:
            calendar.enter(quote, "quote.converted", decided_on)
        order = quote.follow(DocumentKind.ORDER, decided_on, positions)
        self.drafts.append(order)
        return order

    def fulfil(self, order: Draft) -> None:
        """From the order to its delivery, its invoices and their payment, as far as time has come."""
        calendar, rng = self._calendar, self._rng
        order.reference = order.reference or self._reference(order.date)
        calendar.enter(order, "order.created", order.date)
        confirmed_on = calendar.later(order.date, 0, 1)
        calendar.enter(order, "order.confirmed", confirmed_on)
        proof_on = calendar.later(confirmed_on, 1, 2)
        calendar.enter(order, "order.proof_sent", proof_on)
        released_on = calendar.later(proof_on, 1, 5)
        calendar.enter(order, "order.released", released_on)
        calendar.enter(order, "order.in_production", calendar.later(released_on, 1, 2))
        delivered_on = calendar.later(released_on, 6, 15)
        order.delivery_date = delivered_on
        if delivered_on > calendar.last_day:
            return
        articles = [place for place, one in enumerate(order.positions, start=1) if not one.is_setup]
        if len(articles) > 1 and rng.random() < 0.22:
            self._deliver_in_parts(order, articles, delivered_on)
        else:
            self._deliver(order, delivered_on, tuple(range(1, len(order.positions) + 1)), whole=True)

    def _deliver_in_parts(self, order: Draft, articles: list[int], date: dt.date) -> None:
        last = articles[-1]
        first_part = tuple(place for place in range(1, len(order.positions) + 1) if place != last)
        self._deliver(order, date, first_part, whole=False)
        rest_on = self._calendar.later(date, 5, 12)
        order.delivery_date = rest_on
        if rest_on <= self._calendar.last_day:
            self._deliver(order, rest_on, (last,), whole=False)

    def _deliver(self, order: Draft, date: dt.date, places: tuple[int, ...], *, whole: bool) -> None:
        calendar, rng = self._calendar, self._rng
        marked = () if whole else places
        status = "order.picked_up" if rng.random() < 0.1 else "order.delivered"
        calendar.enter(order, status, date, marked)
        positions = tuple(order.positions[place - 1] for place in places)
        note = order.follow(
            DocumentKind.DELIVERY_NOTE, date, tuple(one for one in positions if not one.is_setup)
        )
        note.delivery_date = date
        self.drafts.append(note)
        if rng.random() < 0.02:
            calendar.enter(order, "order.complaint", calendar.later(date, 2, 4), marked)
            return  # nothing is invoiced until it is settled
        invoiced_on = calendar.later(date, 1, 4)
        if invoiced_on > calendar.last_day:
            return
        calendar.enter(order, "order.invoiced", invoiced_on, marked)
        self._pay(order, order.follow(DocumentKind.INVOICE, invoiced_on, positions))

    def _pay(self, order: Draft, invoice: Draft) -> None:
        rng = self._rng
        invoice.due_date = invoice.date + dt.timedelta(days=invoice.customer.terms_days)
        paid_on = invoice.due_date + dt.timedelta(days=rng.randint(-9, 6))
        late = rng.random()
        if invoice.customer is DEMO_CUSTOMER and invoice.date > self._today - dt.timedelta(days=UNPAID_DAYS):
            paid_on = self._today
        elif late < 0.25:
            paid_on += dt.timedelta(days=rng.randint(14, 55))
        if paid_on < self._today:
            invoice.open_amount = Decimal("0.00")
        else:
            in_part = late < 0.03
            invoice.open_amount = to_cents(invoice.gross_total / 2) if in_part else invoice.gross_total
        self.drafts.append(invoice)
        if rng.random() < 0.05 or self._is_credited_for_show(invoice):
            self._credit(order, invoice)

    def _is_credited_for_show(self, invoice: Draft) -> bool:
        """The demo's customer has at least one credit note, and not in the last weeks."""
        age = (self._today - invoice.date).days
        return (
            invoice.customer is DEMO_CUSTOMER
            and 40 < age < PRINTED_DAYS
            and not any(
                one.customer is DEMO_CUSTOMER and one.kind is DocumentKind.CREDIT_NOTE for one in self.drafts
            )
        )

    def _credit(self, order: Draft, invoice: Draft) -> None:
        """A few pieces were faulty. In CDH a credit note may carry the number of its order."""
        date = self._calendar.later(invoice.date, 3, 15)
        faulty = next((one for one in invoice.positions if one.quantity >= 20), None)
        if faulty is None or date > self._calendar.last_day:
            return
        position = faulty.__class__(
            article_number=faulty.article_number,
            text=f"Gutschrift: {faulty.text}",
            description="Fehldruck, wie telefonisch besprochen",
            quantity=self._rng.randint(2, 8),
            unit=faulty.unit,
            unit_price=faulty.unit_price,
            discount_percent=faulty.discount_percent,
            colour=faulty.colour,
        )
        credit = order.follow(DocumentKind.CREDIT_NOTE, date, (position,))
        credit.related.append(invoice)
        invoice.related.append(credit)
        credit.open_amount = Decimal("0.00")
        self.drafts.append(credit)

    def _reference(self, date: dt.date) -> str:
        """What the customer wrote on his order, if anything."""
        return self._rng.choice(
            (
                "",
                f"Bestellung 45{self._rng.randint(10000000, 99999999)}",
                f"BE-{date.year}-{self._rng.randint(10, 980):04d}",
                f"Ihre Mail vom {date:%d.%m.%Y}",
                f"Telefonat vom {date:%d.%m.%Y}",
                f"Kostenstelle {self._rng.randint(100, 980)}",
                f"Projekt {self._rng.choice(MONTHS)} {date.year}",
            )
        )
