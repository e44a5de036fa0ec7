//! Customers' names.

use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::auth::GraphAuth;
use super::batch::MOST_ITEMS;
use super::client::GraphClient;
use super::error::{Decision, GraphError};
use super::request::{Answer, Call};
use super::usage::Usage;
use crate::domain::ids::Psid;
use crate::lenient;

const FIELDS: &str = "name,first_name,last_name,profile_pic";

/// "No profile available for this user": people who use Messenger with a phone number only.
const NO_PROFILE: i64 = 2_018_218;

/// What a customer shows to a Page. Everything may be absent: Meta answers `{}` for people who consented to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub name: Option<String>,
    /// Meta's address, which expires.
    pub picture_url: Option<String>,
}

impl GraphClient {
    /// One customer's profile, with the Page's token.
    pub async fn profile(&self, auth: &GraphAuth, psid: &Psid) -> Result<Answer<Profile>, GraphError> {
        let call = Call::get("profile", &[psid.as_str()]).auth(auth).query("fields", FIELDS);
        match self.send_and(call, Profile::read).await {
            Err(error) if is_without_profile(&error) => {
                Ok(Answer { value: Profile::default(), usage: error.usage, calls: error.calls })
            }
            outcome => outcome,
        }
    }

    /// Many customers' profiles, in their order; one that fails fails no other. Each costs one call.
    pub async fn profiles(
        &self,
        auth: &GraphAuth,
        psids: &[Psid],
    ) -> Result<Answer<Vec<Result<Profile, GraphError>>>, GraphError> {
        let mut all = Answer { value: Vec::with_capacity(psids.len()), usage: Usage::default(), calls: 0 };
        for chunk in psids.chunks(MOST_ITEMS) {
            let urls: Vec<String> = chunk.iter().map(relative_url).collect();
            let answer = self.batch("profiles", auth, &urls, Profile::read).await?;
            all.value.extend(answer.value.into_iter().map(|outcome| match outcome {
                Err(error) if is_without_profile(&error) => Ok(Profile::default()),
                outcome => outcome,
            }));
            all.usage = answer.usage;
            all.calls += answer.calls;
        }
        Ok(all)
    }
}

fn relative_url(psid: &Psid) -> String {
    let psid: String = byte_serialize(psid.as_str().as_bytes()).collect();
    format!("{psid}?fields={FIELDS}")
}

fn is_without_profile(error: &GraphError) -> bool {
    let said = |meta: &super::error::MetaError| meta.code == NO_PROFILE || meta.subcode == Some(NO_PROFILE);
    error.decision == Decision::Gone && error.meta.as_deref().is_some_and(said)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireProfile {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    first_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    last_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    profile_pic: Option<String>,
}

impl Profile {
    fn read(body: &[u8]) -> Option<Self> {
        let wire: WireProfile = lenient::answer(body)?;
        let parts = [wire.first_name, wire.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = wire.name.or(Some(parts)).filter(|name| !name.trim().is_empty());
        Some(Self { name, picture_url: wire.profile_pic })
    }
}
