"""What goes into the order folder, and by which pattern. The writing itself is order_folder.py's."""

from services.sync.model import check_folder_pattern, safe_file_name
from services.sync.repository import folder_files
from shared.api.sync import FailingFiles
from shared.database import Transaction
from shared.database.wake import notify
from shared.events.approvals import ApprovalRecorded

ORDER_FOLDER_CHANNEL = "order_folder"
_LISTED_AT_MOST = 200


async def file_record(transaction: Transaction, event: ApprovalRecorded) -> None:
    """Queue the record of a decision for the folder in which its sample lies."""
    await folder_files.add_order_folder_file(
        transaction,
        event.decision_id,
        order_number=event.order_number,
        name=safe_file_name(event.record.name),
        sha256=event.record.sha256,
    )
    await notify(transaction, ORDER_FOLDER_CHANNEL)


async def list_failing_files(transaction: Transaction) -> FailingFiles:
    return FailingFiles(
        files=tuple(await folder_files.list_failing_files(transaction, limit=_LISTED_AT_MOST))
    )


async def get_folder_pattern(transaction: Transaction, *, default: str) -> tuple[str, bool]:
    """The pattern that holds, and whether an operator has set it."""
    own = await folder_files.find_folder_pattern(transaction)
    return own or default, own is not None


async def change_folder_pattern(transaction: Transaction, pattern: str, *, default: str) -> None:
    """Raises BadFolderPatternError. What is already written stays where it is."""
    pattern = pattern.strip() or default
    check_folder_pattern(pattern)
    await folder_files.save_folder_pattern(transaction, None if pattern == default else pattern)
    await notify(transaction, ORDER_FOLDER_CHANNEL)  # a file may have waited for its year


async def retry_failing_files(transaction: Transaction) -> None:
    await folder_files.requeue_failing_files(transaction)
    await notify(transaction, ORDER_FOLDER_CHANNEL)
