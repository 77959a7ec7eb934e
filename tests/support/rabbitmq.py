"""Leaves a broker as it was before a test."""

import aio_pika

from shared.messaging.rabbitmq import queues
from shared.messaging.topology import Topology


async def delete_queues(amqp_url: str, topology: Topology) -> None:
    async with await aio_pika.connect(amqp_url, timeout=10) as connection:
        channel = await connection.channel()
        for name in queues(topology):
            await channel.queue_delete(name)
