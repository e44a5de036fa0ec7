//! Columns whose Rust type is one of `common`'s, which knows nothing of diesel. A row struct names them with
//! `#[diesel(deserialize_as = Column<PageId>)]`.

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::{BigInt, Integer, Text};
use pagekeeper_common::domain::account::{Language, Role};
use pagekeeper_common::domain::connection::{ConnectionReason, ConnectionState, ConnectionType};
use pagekeeper_common::domain::deafness::Deafness;
use pagekeeper_common::domain::ids::{
    AccountId, ApiKeyId, ConnectionId, ContactId, ConversationId, CredentialId, FacebookUserId, InstagramAccountId,
    MessageRowId, Mid, PageId, PostRowId, Psid, RunId, SessionId, ThreadId, UserId,
};
use pagekeeper_common::domain::sync_run::{RunKind, RunPhase, RunState};

/// A column that is never null.
#[derive(FromSqlRow)]
pub struct Column<T>(T);

/// A column that may be null.
#[derive(FromSqlRow)]
pub struct OptionalColumn<T>(Option<T>);

/// A text in the database that its Rust type does not know. The text itself is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("the database has a {0} that this version does not know")]
struct UnknownValue(&'static str);

macro_rules! column {
    ($sql:ty, $raw:ty => $($type:ty: $convert:expr;)+) => {$(
        impl FromSql<$sql, Pg> for Column<$type> {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                let convert: fn($raw) -> deserialize::Result<$type> = $convert;
                convert(<$raw as FromSql<$sql, Pg>>::from_sql(value)?).map(Self)
            }
        }

        impl From<Column<$type>> for $type {
            fn from(column: Column<$type>) -> Self {
                column.0
            }
        }

        impl FromSql<diesel::sql_types::Nullable<$sql>, Pg> for OptionalColumn<$type> {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                <Column<$type> as FromSql<$sql, Pg>>::from_sql(value).map(|column| Self(Some(column.0)))
            }

            fn from_nullable_sql(value: Option<PgValue<'_>>) -> deserialize::Result<Self> {
                value.map_or(Ok(Self(None)), <Self as FromSql<diesel::sql_types::Nullable<$sql>, Pg>>::from_sql)
            }
        }

        impl From<OptionalColumn<$type>> for Option<$type> {
            fn from(column: OptionalColumn<$type>) -> Self {
                column.0
            }
        }
    )+};
}

column! { BigInt, i64 =>
    AccountId: |id| Ok(AccountId::new(id));
    UserId: |id| Ok(UserId::new(id));
    ConnectionId: |id| Ok(ConnectionId::new(id));
    CredentialId: |id| Ok(CredentialId::new(id));
    ContactId: |id| Ok(ContactId::new(id));
    ConversationId: |id| Ok(ConversationId::new(id));
    MessageRowId: |id| Ok(MessageRowId::new(id));
    PostRowId: |id| Ok(PostRowId::new(id));
    RunId: |id| Ok(RunId::new(id));
    SessionId: |id| Ok(SessionId::new(id));
    ApiKeyId: |id| Ok(ApiKeyId::new(id));
    u64: |count| Ok(u64::try_from(count)?);
}

column! { Integer, i32 =>
    u32: |count| Ok(u32::try_from(count)?);
    u16: |count| Ok(u16::try_from(count)?);
}

column! { Text, String =>
    PageId: |id| Ok(PageId::parse(id)?);
    InstagramAccountId: |id| Ok(InstagramAccountId::parse(id)?);
    FacebookUserId: |id| Ok(FacebookUserId::parse(id)?);
    Psid: |id| Ok(Psid::parse(id)?);
    Mid: |id| Ok(Mid::parse(id)?);
    ThreadId: |id| Ok(ThreadId::parse(id)?);
    Role: |text| Role::parse(&text).ok_or_else(|| UnknownValue("role").into());
    Language: |text| Language::parse(&text).ok_or_else(|| UnknownValue("language").into());
    ConnectionType: |text| ConnectionType::parse(&text).ok_or_else(|| UnknownValue("type of connection").into());
    ConnectionState: |text| ConnectionState::parse(&text).ok_or_else(|| UnknownValue("connection state").into());
    ConnectionReason: |text| ConnectionReason::parse(&text).ok_or_else(|| UnknownValue("connection reason").into());
    Deafness: |text| Deafness::parse(&text).ok_or_else(|| UnknownValue("kind of incident").into());
    RunKind: |text| RunKind::parse(&text).ok_or_else(|| UnknownValue("kind of run").into());
    RunState: |text| RunState::parse(&text).ok_or_else(|| UnknownValue("run state").into());
    RunPhase: |text| RunPhase::parse(&text).ok_or_else(|| UnknownValue("run phase").into());
}
