"""Files by their SHA-256. The same bytes lie there once, whoever brings them, however often."""

from shared.storage.folder import (
    Check,
    FileTooLargeError,
    FolderStorage,
    StorageUnwritableError,
    WrongHashError,
)

__all__ = ["Check", "FileTooLargeError", "FolderStorage", "StorageUnwritableError", "WrongHashError"]
