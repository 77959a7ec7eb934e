"""What the four seams' first two promise, on both buses, with a database for each service."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import structlog

from shared.database import Transaction, transaction
from shared.errors import UnprocessableError
from shared.events.mailer import MailFailed, MailSent
from shared.events.sync import ClerksChanged
from shared.messaging import Subscription, outbox
from shared.messaging.bus import MAX_BODY_BYTES
from shared.messaging.topology import Topology
from tests.contract.messaging.conftest import Heard, Stage, hears, mail_sent, message_of
from tests.support import eventually


class BreaksError(Exception):
    """What a handler of these tests raises."""


async def test_an_event_is_heard_once_its_transaction_has_committed(stage: Stage) -> None:
    heard = Heard()
    await stage.start(stage.teller)
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    event = mail_sent()
    async with transaction(await stage.pool(stage.teller)) as opened:
        await outbox.add(opened, event)
        assert await stage.outbox_states() == []
    await eventually(lambda: heard.mails == [event.mail_id])
    await stage.until_outbox_is("sent")


async def test_an_event_of_a_rolled_back_transaction_is_never_told(stage: Stage) -> None:
    heard = Heard()
    await stage.start(stage.teller)
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    pool = await stage.pool(stage.teller)
    with suppress(BreaksError):
        async with transaction(pool) as opened:
            await outbox.add(opened, mail_sent())
            raise BreaksError
    later = mail_sent()
    await stage.tell(later)
    await eventually(lambda: heard.mails == [later.mail_id])


async def test_an_event_that_is_delivered_twice_is_done_once(stage: Stage) -> None:
    heard = Heard()
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    event, later = mail_sent(), mail_sent()
    await stage.publish(event)
    await eventually(lambda: heard.mails)
    await stage.publish(event)
    await stage.publish(later)
    await eventually(lambda: later.mail_id in heard.mails)
    assert heard.mails == [event.mail_id, later.mail_id]


async def test_two_copies_of_a_hearer_share_the_work(stage: Stage) -> None:
    working = {"first": asyncio.Event(), "second": asyncio.Event()}
    done: list[tuple[str, MailSent]] = []

    def copy(name: str) -> Subscription:
        async def on_mail_sent(_: Transaction, event: MailSent) -> None:
            working[name].set()
            await asyncio.gather(*(event.wait() for event in working.values()))
            done.append((name, event))

        return Subscription(MailSent, on_mail_sent)

    await stage.start(stage.hearer, copy("first"))
    await stage.start(stage.hearer, copy("second"))
    events = [mail_sent() for _ in range(40)]
    await stage.publish(*events)
    await eventually(lambda: len(done) == len(events))
    assert {event.event_id for _, event in done} == {event.event_id for event in events}
    assert {name for name, _ in done} == {"first", "second"}


async def test_an_event_told_before_its_hearers_first_start_arrives(stage: Stage) -> None:
    heard = Heard()
    event = mail_sent()
    await stage.tell(event)
    await stage.start(stage.teller)
    await stage.until_outbox_is("sent")
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    await eventually(lambda: heard.mails == [event.mail_id])


async def test_a_failing_handler_is_tried_again_and_succeeds(stage: Stage) -> None:
    attempts: list[MailSent] = []

    async def on_mail_sent(transaction: Transaction, event: MailSent) -> None:
        attempts.append(event)
        if len(attempts) < 3:
            await transaction.execute("SELECT 1 / 0")

    await stage.start(stage.hearer, *hears(on_mail_sent))
    event = mail_sent()
    await stage.publish(event)
    await eventually(lambda: len(attempts) == 3)
    await stage.until_done(1)
    assert attempts == [event] * 3
    assert await stage.dead() == []


async def test_one_failing_handler_does_not_make_the_other_one_run_twice(stage: Stage) -> None:
    heard = Heard()
    attempts: list[MailSent] = []

    async def on_mail_sent_too(_: Transaction, event: MailSent) -> None:
        attempts.append(event)
        if len(attempts) < 2:
            raise BreaksError

    await stage.start(stage.hearer, *hears(on_mail_sent_too), *hears(heard.on_mail_sent))
    await stage.publish(mail_sent())
    await eventually(lambda: len(attempts) == 2)
    await stage.until_done(2)
    assert len(heard.mails) == 1


async def test_a_poisonous_event_goes_to_the_dead_letters_and_others_go_on(stage: Stage) -> None:
    heard = Heard()
    poison = mail_sent(template="poison")

    async def on_mail_sent(transaction: Transaction, event: MailSent) -> None:
        if event == poison:
            raise BreaksError("cannot be digested")
        await heard.on_mail_sent(transaction, event)

    await stage.start(stage.hearer, *hears(on_mail_sent))
    others = [mail_sent() for _ in range(5)]
    await stage.publish(poison, *others)
    await eventually(lambda: sorted(heard.mails) == sorted(event.mail_id for event in others))
    [dead] = await stage.until_dead(1)
    assert dead.message_id == str(poison.event_id)
    assert dead.name == MailSent.wire_name
    assert MailSent.from_wire(dead.body) == poison
    assert dead.attempts == 3
    assert dead.reason == "on_mail_sent: BreaksError: cannot be digested"


async def test_what_can_never_be_handled_is_dead_at_once(stage: Stage) -> None:
    stage.retry_delays = (timedelta(hours=1),)

    async def on_mail_sent(_: Transaction, event: MailSent) -> None:
        if event.template == "unprocessable":
            raise UnprocessableError("no such mail")
        MailSent.model_validate({"mail_id": event.template})  # raises ValidationError

    await stage.start(stage.hearer, *hears(on_mail_sent))
    await stage.publish(mail_sent("unprocessable"), mail_sent("invalid"))
    await stage.publish(MailFailed(mail_id=mail_sent().mail_id, template="", reason="nobody hears it"))
    assert {letter.attempts for letter in await stage.until_dead(3)} == {1}


async def test_a_body_that_is_no_event_is_dead_at_once_and_the_reason_does_not_repeat_it(
    stage: Stage,
) -> None:
    await stage.start(stage.hearer, *hears(Heard().on_mail_sent))
    message = message_of(mail_sent())
    await stage.publish_messages(replace(message, body=b'{"mail_id": "secret", "template": ""}'))
    [dead] = await stage.until_dead(1)
    assert dead.reason == "not a valid event: mail_id: uuid_parsing"


async def test_dead_letters_are_replayed_one_by_one_or_all(stage: Stage) -> None:
    heard = Heard()
    is_broken = True

    async def on_mail_sent(transaction: Transaction, event: MailSent) -> None:
        if is_broken:
            raise UnprocessableError("not yet")
        await heard.on_mail_sent(transaction, event)

    await stage.start(stage.hearer, *hears(on_mail_sent))
    events = [mail_sent() for _ in range(3)]
    await stage.publish(*events)
    await stage.until_dead(3)
    is_broken = False
    assert await stage.bus().replay(stage.hearer, str(events[1].event_id)) == 1
    await eventually(lambda: heard.mails == [events[1].mail_id])
    assert len(await stage.dead()) == 2
    assert await stage.bus().replay(stage.hearer) == 2
    await eventually(lambda: sorted(heard.mails) == sorted(event.mail_id for event in events))
    assert await stage.dead() == []


async def test_what_is_too_large_is_set_aside_and_holds_nobody_up(stage: Stage) -> None:
    heard = Heard()
    await stage.start(stage.teller)
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    huge, small = mail_sent("x" * MAX_BODY_BYTES), mail_sent()
    with structlog.testing.capture_logs() as logs:
        await stage.tell(huge, small)
        await eventually(lambda: heard.mails == [small.mail_id])
        await stage.until_outbox_is("sent", "set_aside")
    [entry] = [entry for entry in logs if entry["event"] == "event_set_aside"]
    assert (entry["event_id"], entry["reason"]) == (str(huge.event_id), "too_large")
    assert entry["log_level"] == "error"
    async with transaction(await stage.pool(stage.teller)) as opened:
        [(left_out, reason)] = await outbox.list_set_aside(opened)
    assert (left_out.message_id, reason) == (str(huge.event_id), "too_large")


async def test_an_event_whose_hearers_queue_is_missing_is_set_aside_until_it_is_sent_again(
    stage: Stage,
) -> None:
    heard = Heard()
    event = mail_sent()
    await stage.tell(event)
    nothing_declared = stage.bus(topology=Topology({}))
    async with stage.relay(nothing_declared):
        await stage.until_outbox_is("set_aside")
    await stage.start(stage.hearer, *hears(heard.on_mail_sent))
    await stage.start(stage.teller)
    async with transaction(await stage.pool(stage.teller)) as opened:
        assert await outbox.send_again(opened) == 1
    await eventually(lambda: heard.mails == [event.mail_id])
    await stage.until_outbox_is("sent")


async def test_an_event_that_nobody_hears_is_simply_done(stage: Stage) -> None:
    await stage.start(stage.teller)
    await stage.tell(ClerksChanged(clerks=()))
    await stage.until_outbox_is("sent")


async def test_the_events_of_a_handler_carry_its_correlation_on(stage: Stage) -> None:
    async def on_mail_sent(transaction: Transaction, event: MailSent) -> None:
        await outbox.add(transaction, MailFailed(mail_id=event.mail_id, template="", reason=""))

    await stage.start(stage.teller)
    await stage.start(stage.hearer, *hears(on_mail_sent))
    first = mail_sent()
    await stage.tell(first)
    await stage.until_done(1)
    pool = await stage.pool(stage.hearer)
    assert await pool.fetchval("SELECT correlation_id FROM outbox") == str(first.event_id)
