//! Pages: those a person can manage, and what one Page says of itself.

use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::{Decision, GraphError};
use super::paging::{Cursor, Page, continued};
use super::request::{Answer, Call};
use crate::domain::ids::{InstagramAccountId, PageId};
use crate::domain::token::AccessToken;
use crate::lenient::{self, Decode};

/// Pages per call; the most that Meta gives.
const PAGE_SIZE: &str = "100";

const LIST_FIELDS: &str = "id,name,username,category,access_token,tasks,picture{url}";

/// What `pages_show_list` alone gives.
const PLAIN_LIST_FIELDS: &str = "id,name,category,access_token,tasks,picture{url}";

const DETAIL_FIELDS: &str = "id,name,username,category,about,phone,website,fan_count,is_published,picture{url}";

/// Asked for only with the permission: without it the field fails the whole call (Graph API changelog, v12.0).
const INSTAGRAM_FIELDS: &str = "instagram_business_account{id,username,name,profile_picture_url}";

/// A Page that the person has a role on.
#[derive(Debug, Clone)]
pub struct ManagedPage {
    pub id: PageId,
    pub name: Option<String>,
    pub category: Option<String>,
    pub username: Option<String>,
    /// What the person may do there, as `MESSAGING` or `PROFILE_PLUS_MESSAGING`.
    pub tasks: Vec<String>,
    /// Absent where the person's role gives the app none.
    pub token: Option<AccessToken>,
    pub picture_url: Option<String>,
    pub instagram: Option<InstagramAccount>,
    /// Found only through a Business the person belongs to.
    pub via_business: bool,
}

/// The Instagram professional account that is linked to a Page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramAccount {
    pub id: InstagramAccountId,
    pub username: Option<String>,
    pub name: Option<String>,
    pub picture_url: Option<String>,
}

/// What a Page says of itself.
#[derive(Debug, Clone)]
pub struct PageDetails {
    pub id: PageId,
    pub name: Option<String>,
    pub username: Option<String>,
    pub category: Option<String>,
    pub about: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
    pub fan_count: Option<u64>,
    /// Nobody but who manages it sees a Page that is not.
    pub is_published: bool,
    pub picture_url: Option<String>,
    pub instagram: Option<InstagramAccount>,
}

/// What is to be changed of a Page; an empty text clears the field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageUpdate {
    pub about: Option<String>,
    pub phone: Option<String>,
    pub website: Option<String>,
}

impl GraphClient {
    /// One page of the Pages that the person has a role on. Those whose role comes through a Business are missing
    /// without `business_management`: see [`GraphClient::managed_pages`].
    pub async fn accounts(
        &self,
        auth: &GraphAuth,
        with_instagram: bool,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<ManagedPage>>, GraphError> {
        self.list_pages("accounts", &["me", "accounts"], auth, with_instagram, after).await
    }

    /// Any list of Pages; all edges take the same fields. Where a permission for one of them is missing, the list is
    /// asked for without them: a person who declined it still sees which Pages there are.
    pub(super) async fn list_pages(
        &self,
        name: &'static str,
        path: &[&str],
        auth: &GraphAuth,
        with_instagram: bool,
        after: Option<&Cursor>,
    ) -> Result<Answer<Page<ManagedPage>>, GraphError> {
        let list = |fields: String| {
            let call = Call::get(name, path).auth(auth).query("fields", fields).query("limit", PAGE_SIZE);
            self.send_page(continued(call, after))
        };
        match list(fields(LIST_FIELDS, with_instagram)).await {
            Err(error) if error.decision == Decision::PermissionMissing => {
                let answer = list(PLAIN_LIST_FIELDS.to_owned()).await?;
                Ok(Answer { calls: answer.calls + error.calls, ..answer })
            }
            answer => answer,
        }
    }

    /// A Page's own fields.
    pub async fn page_details(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        with_instagram: bool,
    ) -> Result<Answer<PageDetails>, GraphError> {
        let call = Call::get("page_details", &[page.as_str()])
            .auth(auth)
            .query("fields", fields(DETAIL_FIELDS, with_instagram));
        self.send_and(call, |body| lenient::answer::<WirePageNode>(body)?.details()).await
    }

    /// Writes fields of a Page with its own token; Meta takes all of one call, or none.
    pub async fn update_page(
        &self,
        auth: &GraphAuth,
        page: &PageId,
        update: &PageUpdate,
    ) -> Result<Answer<()>, GraphError> {
        let fields = [("about", &update.about), ("phone", &update.phone), ("website", &update.website)];
        let mut call = Call::post("update_page", &[page.as_str()]).auth(auth);
        for (name, value) in fields {
            if let Some(value) = value {
                call = call.form(name, value.as_str());
            }
        }
        self.send_change(call).await
    }
}

fn fields(fields: &str, with_instagram: bool) -> String {
    if with_instagram { format!("{fields},{INSTAGRAM_FIELDS}") } else { fields.to_owned() }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct WirePageNode {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<PageId>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    username: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    category: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    about: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    phone: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    website: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    fan_count: Option<u64>,
    #[serde(deserialize_with = "lenient::truth")]
    is_published: Option<bool>,
    #[serde(deserialize_with = "lenient::words")]
    tasks: Vec<String>,
    #[serde(deserialize_with = "lenient::text")]
    access_token: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    picture: Option<WirePicture>,
    #[serde(deserialize_with = "lenient::object")]
    instagram_business_account: Option<WireInstagram>,
}

#[derive(Deserialize)]
struct WirePicture {
    #[serde(default, deserialize_with = "lenient::object")]
    data: Option<WirePictureData>,
}

#[derive(Deserialize)]
struct WirePictureData {
    #[serde(default, deserialize_with = "lenient::text")]
    url: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireInstagram {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<InstagramAccountId>,
    #[serde(deserialize_with = "lenient::text")]
    username: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    profile_picture_url: Option<String>,
}

impl WireInstagram {
    fn account(self) -> Option<InstagramAccount> {
        Some(InstagramAccount {
            id: self.id?,
            username: self.username,
            name: self.name,
            picture_url: self.profile_picture_url,
        })
    }
}

impl WirePicture {
    fn url(self) -> Option<String> {
        self.data.and_then(|data| data.url)
    }
}

impl Decode for ManagedPage {
    type Wire = WirePageNode;

    fn decode(wire: WirePageNode) -> Option<Self> {
        Some(Self {
            id: wire.id?,
            name: wire.name,
            category: wire.category,
            username: wire.username,
            tasks: wire.tasks,
            token: wire.access_token.map(AccessToken::new),
            picture_url: wire.picture.and_then(WirePicture::url),
            instagram: wire.instagram_business_account.and_then(WireInstagram::account),
            via_business: false,
        })
    }
}

impl WirePageNode {
    fn details(self) -> Option<PageDetails> {
        Some(PageDetails {
            id: self.id?,
            name: self.name,
            username: self.username,
            category: self.category,
            about: self.about,
            phone: self.phone,
            website: self.website,
            fan_count: self.fan_count,
            is_published: self.is_published.unwrap_or(true),
            picture_url: self.picture.and_then(WirePicture::url),
            instagram: self.instagram_business_account.and_then(WireInstagram::account),
        })
    }
}
