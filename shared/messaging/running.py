"""Puts the pieces together for one process: the bus of its settings, relay and consumer."""

import asyncio
from collections.abc import Sequence

from pydantic import SecretStr

from shared.database import Pool
from shared.messaging.bus import Bus
from shared.messaging.consumer import Consumer, Subscription
from shared.messaging.postgres import PostgresBus
from shared.messaging.rabbitmq import RabbitBus
from shared.messaging.relay import Relay
from shared.messaging.topology import Topology, checked_in_topology
from shared.settings import ServiceSettings


async def run_messaging(
    *,
    service: str,
    settings: ServiceSettings,
    pool: Pool,
    subscriptions: Sequence[Subscription],
    stopping: asyncio.Event,
    topology: Topology | None = None,
) -> None:
    """Tell what stands in the outbox and hear what `subscriptions` ask for, until `stopping`.

    Database and broker may be away, before the first start as well as later: they are waited for.
    `topology` is the checked-in one unless a test has another.
    """
    topology = topology or checked_in_topology()
    if subscriptions:
        topology = topology.with_hearer(service, (one.event.wire_name for one in subscriptions))
    bus = open_bus(settings.amqp_url, settings.bus_database_url, topology)
    relay = Relay(settings.database_url.get_secret_value(), bus, topology)
    consumer = Consumer(service, pool=pool, bus=bus, topology=topology, subscriptions=subscriptions)
    heard_all = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run(heard_all))
        await (consumer.run(stopping) if subscriptions else stopping.wait())
        heard_all.set()  # the relay stops last, since handlers tell events too


def open_bus(amqp_url: SecretStr | None, bus_database_url: SecretStr | None, topology: Topology) -> Bus:
    """RabbitMQ where its address is given, else the database that plays the broker."""
    if amqp_url is not None:
        return RabbitBus(amqp_url.get_secret_value(), topology)
    if bus_database_url is not None:
        return PostgresBus(bus_database_url.get_secret_value(), topology)
    raise ValueError("AMQP_URL or BUS_DATABASE_URL must be given.")
