//! Customers' names.

use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::auth::GraphAuth;
use super::batch::MOST_ITEMS;
use super::client::GraphClient;
use super::conversations::Platform;
use super::error::{Decision, GraphError};
use super::request::{Answer, Call};
use super::usage::Usage;
use crate::domain::ids::Psid;
use crate::lenient;

const FIELDS: &str = "name,first_name,last_name,profile_pic";
const INSTAGRAM_FIELDS: &str = "name,username,profile_pic";

/// "No profile available for this user": people who use Messenger with a phone number only.
const NO_PROFILE: i64 = 2_018_218;

/// Of Instagram: the person has not consented, which they do by writing; or is no more.
const NO_INSTAGRAM_PROFILE: &[i64] = &[230, 9_010];

/// What a customer shows to a Page. Everything may be absent: Meta answers `{}` for people who consented to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub name: Option<String>,
    /// On Instagram.
    pub username: Option<String>,
    /// Meta's address, which expires.
    pub picture_url: Option<String>,
}

impl GraphClient {
    /// One customer's profile, with the Page's token.
    pub async fn profile(
        &self,
        auth: &GraphAuth,
        platform: Platform,
        psid: &Psid,
    ) -> Result<Answer<Profile>, GraphError> {
        let call = Call::get("profile", &[psid.as_str()]).auth(auth).query("fields", fields(platform));
        match self.send_and(call, Profile::read).await {
            Err(error) if is_without_profile(platform, &error) => {
                Ok(Answer { value: Profile::default(), usage: error.usage, calls: error.calls, bytes: 0 })
            }
            outcome => outcome,
        }
    }

    /// Many customers' profiles, in their order; one that fails fails no other. Each costs one call.
    pub async fn profiles(
        &self,
        auth: &GraphAuth,
        platform: Platform,
        psids: &[Psid],
    ) -> Result<Answer<Vec<Result<Profile, GraphError>>>, GraphError> {
        let mut all = Answer { value: Vec::with_capacity(psids.len()), usage: Usage::default(), calls: 0, bytes: 0 };
        for chunk in psids.chunks(MOST_ITEMS) {
            let urls: Vec<String> = chunk.iter().map(|psid| relative_url(platform, psid)).collect();
            let answer = self.batch("profiles", auth, &urls, Profile::read).await?;
            all.value.extend(answer.value.into_iter().map(|outcome| match outcome {
                Err(error) if is_without_profile(platform, &error) => Ok(Profile::default()),
                outcome => outcome,
            }));
            all.usage = answer.usage;
            all.calls += answer.calls;
            all.bytes += answer.bytes;
        }
        Ok(all)
    }
}

fn fields(platform: Platform) -> &'static str {
    match platform {
        Platform::Messenger => FIELDS,
        Platform::Instagram => INSTAGRAM_FIELDS,
    }
}

fn relative_url(platform: Platform, psid: &Psid) -> String {
    let psid: String = byte_serialize(psid.as_str().as_bytes()).collect();
    format!("{psid}?fields={}", fields(platform))
}

fn is_without_profile(platform: Platform, error: &GraphError) -> bool {
    let code = error.meta.as_deref().map(|meta| meta.code);
    if platform == Platform::Instagram {
        return code.is_some_and(|code| NO_INSTAGRAM_PROFILE.contains(&code));
    }
    let said = |meta: &super::error::MetaError| meta.code == NO_PROFILE || meta.subcode == Some(NO_PROFILE);
    error.decision == Decision::Gone && error.meta.as_deref().is_some_and(said)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireProfile {
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    username: Option<String>,
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
        Some(Self { name, username: wire.username, picture_url: wire.profile_pic })
    }
}
