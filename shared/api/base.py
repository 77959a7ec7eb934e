"""What every body has."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    model_config = ConfigDict(frozen=True)


class StoredFile(Body):
    """Where the bytes of a file lie in the storage, and what it is called."""

    sha256: str
    name: str
    media_type: str
