//! The person whose token it is.

use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::request::{Answer, Call};
use crate::domain::ids::FacebookUserId;
use crate::lenient::{self, Decode};

/// A person, as this app sees them.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: FacebookUserId,
    pub name: Option<String>,
    /// Absent where not granted, or where the person has none.
    pub email: Option<String>,
}

/// What the person answered to one permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    pub name: String,
    pub status: PermissionStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PermissionStatus {
    Granted,
    Declined,
    Expired,
    Other,
}

impl GraphClient {
    /// Who the person is.
    pub async fn me(&self, auth: &GraphAuth) -> Result<Answer<Person>, GraphError> {
        let call = Call::get("me", &["me"]).auth(auth).query("fields", "id,name,email");
        self.send_and(call, |body| {
            let wire: WirePerson = lenient::answer(body)?;
            Some(Person { id: wire.id?, name: wire.name, email: wire.email })
        })
        .await
    }

    /// What the person granted and declined. There are fewer permissions than fit one page.
    pub async fn permissions(&self, auth: &GraphAuth) -> Result<Answer<Vec<Permission>>, GraphError> {
        let call = Call::get("permissions", &["me", "permissions"]).auth(auth).query("limit", "200");
        self.send_page(call).await.map(|answer| answer.map(|page| page.data))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WirePerson {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<FacebookUserId>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    email: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WirePermission {
    #[serde(deserialize_with = "lenient::text")]
    permission: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    status: Option<String>,
}

impl Decode for Permission {
    type Wire = WirePermission;

    fn decode(wire: WirePermission) -> Option<Self> {
        let status = match wire.status.as_deref() {
            Some("granted") => PermissionStatus::Granted,
            Some("declined") => PermissionStatus::Declined,
            Some("expired") => PermissionStatus::Expired,
            _ => PermissionStatus::Other,
        };
        Some(Self { name: wire.permission?, status })
    }
}
