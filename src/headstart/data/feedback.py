"""What people say of answers, kept in a database: right, wrong, or the right label."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from headstart.core.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Verdict = Literal["right", "wrong"]
SECONDS = 10  # that a writer waits for another


@dataclass(frozen=True)
class Feedback:
    """One remark.

    Attributes:
        request_id: Of the request that was answered.
        example: Its id in the answer.
        model, version: That answered.
        prediction: What it said.
        verdict: Whether that was right; None where only a label came.
        label: What is right, or None.
        content: Name of the kept input, where inputs are kept.
    """

    request_id: str
    example: str
    model: str
    version: str
    prediction: str | None
    verdict: Verdict | None
    label: str | None
    content: str | None = None


class FeedbackStore:
    """A table ``feedback``. What :meth:`add` returned from is on disk: SQLite in WAL mode, synced at each commit.

    Rows are only ever added, so that those up to a number are the same whenever they are read. A table ``kept_inputs``
    holds the folders in which the inputs lie.

    Args:
        place: A file for SQLite, or a URL that SQLAlchemy understands.
        kept: The folder that inputs are kept in from now on; None: none is.
        writes: False leaves the database as it is, which then must be there.

    Raises:
        MissingExtraError: SQLAlchemy is not installed.
        ConfigError: the database cannot be reached or written.
    """

    def __init__(self, place: str, kept: Path | None = None, *, writes: bool = True) -> None:
        try:
            import sqlalchemy
        except ImportError:
            raise MissingExtraError("sqlalchemy", "serve", "keeping feedback") from None
        url = place if "://" in place else f"sqlite:///{place}"
        try:
            self._engine = sqlalchemy.create_engine(url, connect_args={"timeout": SECONDS} if _is_lite(url) else {})
            if writes and _is_lite(url):
                sqlalchemy.event.listen(self._engine, "connect", _settle)
            metadata = sqlalchemy.MetaData()
            self._table, self._folders = (
                sqlalchemy.Table(
                    name, metadata,
                    sqlalchemy.Column("number", sqlalchemy.Integer, primary_key=True, autoincrement=True),
                    *(sqlalchemy.Column(each, sqlalchemy.Text) for each in texts),
                )
                for name, texts in (("feedback", TEXTS), ("kept_inputs", ("time", "folder")))
            )  # fmt: skip
            self._has_folders = writes or sqlalchemy.inspect(self._engine).has_table("kept_inputs")
            if writes:
                metadata.create_all(self._engine)
        except (sqlalchemy.exc.SQLAlchemyError, ImportError, ValueError) as error:
            raise _unreachable(error) from None  # the message could hold the password of the URL
        if kept is not None and str(kept.absolute()) not in self.folders()[-1:]:
            with self._begun() as connection:
                connection.execute(self._folders.insert().values(time=_now(), folder=str(kept.absolute())))

    def add(self, given: Feedback) -> None:
        """Keep one remark; returns when it is on disk."""
        with self._begun() as connection:
            connection.execute(self._table.insert().values(**given.__dict__, time=_now()))

    def folders(self) -> list[str]:
        """Where inputs were kept, the latest last."""
        if not self._has_folders:
            return []
        with self._begun() as connection:
            found = connection.execute(self._folders.select().order_by(self._folders.c.number))
            return [str(row["folder"]) for row in found.mappings()]

    def rows(self) -> list[dict[str, Any]]:
        """All remarks, oldest first, each with its ``number``; raises ConfigError where there is no such table."""
        import sqlalchemy

        try:
            with self._begun() as connection:
                found = connection.execute(self._table.select().order_by(self._table.c.number))
                return [dict(row) for row in found.mappings()]
        except sqlalchemy.exc.SQLAlchemyError as error:
            raise _unreachable(error) from None

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def _begun(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection


TEXTS = ("time", "request_id", "example", "model", "version", "prediction", "verdict", "label", "content")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _unreachable(error: Exception) -> ConfigError:
    kind = type(getattr(error, "orig", None) or error).__name__
    return ConfigError(
        "the database of feedback must be a file that can be written, or a URL that SQLAlchemy reaches, with the table "
        f"that `headstart serve --feedback` makes; opening it ended in {kind}. Check --feedback, or --add."
    )


def _is_lite(url: str) -> bool:
    return url.startswith("sqlite:")


def _settle(connection: Any, record: Any) -> None:
    """Readers do not wait for writers, and what was acknowledged survives a loss of power."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
