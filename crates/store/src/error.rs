//! What can go wrong with PostgreSQL, by what the caller does next.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DieselError};
use diesel_async::pooled_connection::PoolError;

/// Why a transaction did not commit.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection: the server is away, is starting, or refuses us.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// Every connection of the pool is busy.
    #[error("no database connection became free in time")]
    PoolExhausted,
    /// Longer than `database.query_timeout_ms`, or than the server allows. Whether it committed is not known.
    #[error("the database did not answer in time")]
    TimedOut,
    /// Another transaction was in the way (deadlock, lock timeout, serialisation): the same again may work.
    #[error("another transaction was in the way")]
    Contention(#[source] DieselError),
    /// A unique key is taken.
    #[error("a row with this key is there already")]
    Conflict { constraint: String },
    /// PostgreSQL refuses these very values; the same again fails again.
    #[error("the database refuses these values")]
    Refused(#[source] DieselError),
    /// Row-level security or a missing grant: a bug of ours.
    #[error("the role may not do this")]
    Forbidden(#[source] DieselError),
    /// A row that must be there is not.
    #[error("there is no such row")]
    NotFound,
    /// Another worker has the run: drop what was done since the last save.
    #[error("the lease was lost")]
    LeaseLost,
    /// The role could see every account's rows: services must not run with it.
    #[error(
        "the database role is a superuser, bypasses row-level security or owns tables: give the service its own role"
    )]
    PrivilegedRole,
    /// The database's schema is not the one that this version needs (yet).
    #[error("the database's schema does not fit: run `gateway migrate`")]
    SchemaOutdated(#[source] DieselError),
    /// A sealed column could not be sealed or opened.
    #[error(transparent)]
    Seal(#[from] crate::seal::SealError),
    /// Something that this list does not know.
    #[error("the database failed")]
    Failed(#[source] DieselError),
}

impl StoreError {
    /// Whether the same may work later without anybody changing anything: wait and try again.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::PoolExhausted | Self::TimedOut | Self::Contention(_) | Self::SchemaOutdated(_)
        )
    }

    /// Whether the values are at fault, and not the database: such a batch is halved until the culprit stands alone.
    pub fn is_about_the_data(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Conflict { .. })
    }

    pub(crate) fn unavailable(source: PoolError) -> Self {
        Self::Unavailable(Some(Box::new(source)))
    }
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            DieselError::DatabaseError(kind, ref information) => match kind {
                DatabaseErrorKind::UniqueViolation => {
                    Self::Conflict { constraint: information.constraint_name().unwrap_or_default().to_owned() }
                }
                DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::RestrictViolation
                | DatabaseErrorKind::ExclusionViolation => Self::Refused(error),
                DatabaseErrorKind::SerializationFailure => Self::Contention(error),
                DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
                    Self::Unavailable(Some(Box::new(error)))
                }
                _ => match kind_by_message(information.as_ref()) {
                    Some(Message::Timeout) => Self::TimedOut,
                    Some(Message::Contention) => Self::Contention(error),
                    Some(Message::Shutdown) => Self::Unavailable(Some(Box::new(error))),
                    Some(Message::Data) => Self::Refused(error),
                    Some(Message::Permission) => Self::Forbidden(error),
                    Some(Message::Schema) => Self::SchemaOutdated(error),
                    None => Self::Failed(error),
                },
            },
            DieselError::BrokenTransactionManager => Self::Unavailable(Some(Box::new(error))),
            DieselError::SerializationError(_) => Self::Refused(error),
            other => Self::Failed(other),
        }
    }
}

enum Message {
    Timeout,
    Contention,
    Shutdown,
    Data,
    Permission,
    Schema,
}

/// Diesel's error carries no SQLSTATE, so the kinds that it does not tell apart are known by PostgreSQL's message. The
/// pool sets `lc_messages = 'C'` where it may; the texts are in the server's errcodes and have not changed in years.
fn kind_by_message(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Option<Message> {
    const KNOWN: [(&str, Message); 20] = [
        ("canceling statement due to statement timeout", Message::Timeout),
        ("canceling statement due to user request", Message::Timeout),
        ("terminating connection due to idle-in-transaction timeout", Message::Timeout),
        ("canceling statement due to lock timeout", Message::Contention),
        ("deadlock detected", Message::Contention),
        ("could not obtain lock", Message::Contention),
        ("terminating connection due to administrator command", Message::Shutdown),
        ("the database system is", Message::Shutdown),
        ("sorry, too many clients already", Message::Shutdown),
        ("remaining connection slots are reserved", Message::Shutdown),
        ("cannot execute", Message::Shutdown),
        ("invalid byte sequence", Message::Data),
        ("unsupported Unicode escape sequence", Message::Data),
        ("invalid input syntax", Message::Data),
        ("index row size", Message::Data),
        ("out of range", Message::Data),
        ("violates row-level security policy", Message::Permission),
        ("permission denied", Message::Permission),
        ("unrecognized configuration parameter", Message::Permission),
        ("does not exist", Message::Schema),
    ];
    let message = information.message();
    KNOWN.into_iter().find(|(text, _)| message.contains(text)).map(|(_, kind)| kind)
}
