//! All Pages of a person: their own list, and those that only a Business gives.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;

use super::auth::GraphAuth;
use super::client::GraphClient;
use super::error::GraphError;
use super::pages::ManagedPage;
use super::paging::{Cursor, Page, continued};
use super::request::{Answer, Call};
use super::usage::Usage;
use crate::domain::ids::PageId;
use crate::lenient::{self, Decode};

/// Nobody has more Pages or Businesses than this allows; a list that never ends does.
const MOST_CALLS: u32 = 200;

/// All Pages that a person can manage.
#[derive(Debug)]
pub struct ManagedPages {
    /// Each Page once, in the order in which Meta named them.
    pub pages: Vec<ManagedPage>,
    /// Lists through Businesses that could not be read; mostly because the permission was not granted.
    pub skipped: Vec<SkippedList>,
    /// There is more than anyone can have; the rest was not asked for.
    pub truncated: bool,
}

#[derive(Debug)]
pub struct SkippedList {
    pub list: PageList,
    pub error: GraphError,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageList {
    Businesses,
    OwnedPages,
    ClientPages,
}

impl PageList {
    fn edge(self) -> &'static str {
        match self {
            Self::Businesses => "businesses",
            Self::OwnedPages => "owned_pages",
            Self::ClientPages => "client_pages",
        }
    }
}

impl GraphClient {
    /// The person's own list, whose failure fails the call, then the lists of each of their Businesses, whose
    /// failures are only reported.
    pub async fn managed_pages(
        &self,
        auth: &GraphAuth,
        with_instagram: bool,
    ) -> Result<Answer<ManagedPages>, GraphError> {
        let mut gathered = Gathered::default();
        let mut after = None;
        loop {
            let page = gathered.charge(self.accounts(auth, with_instagram, after.as_ref()).await?);
            gathered.add(page.data, false);
            after = page.after;
            if after.is_none() || gathered.is_spent() {
                break;
            }
        }
        for business in self.businesses(auth, &mut gathered).await {
            for list in [PageList::OwnedPages, PageList::ClientPages] {
                self.pages_of_business(auth, with_instagram, &business, list, &mut gathered).await;
            }
        }
        Ok(gathered.answer())
    }

    async fn businesses(&self, auth: &GraphAuth, gathered: &mut Gathered) -> Vec<Business> {
        let mut businesses = Vec::new();
        let mut after: Option<Cursor> = None;
        while !gathered.is_spent() {
            let call = Call::get("businesses", &["me", PageList::Businesses.edge()])
                .auth(auth)
                .query("fields", "id")
                .query("limit", "100");
            let Some(page) =
                gathered.charge_or_skip(PageList::Businesses, self.send_page(continued(call, after.as_ref())).await)
            else {
                break;
            };
            businesses.extend(page.data);
            after = page.after;
            if after.is_none() {
                break;
            }
        }
        businesses
    }

    async fn pages_of_business(
        &self,
        auth: &GraphAuth,
        with_instagram: bool,
        Business(business): &Business,
        list: PageList,
        gathered: &mut Gathered,
    ) {
        let mut after: Option<Cursor> = None;
        while !gathered.is_spent() {
            let path = [business.as_str(), list.edge()];
            let page = self.list_pages(list.edge(), &path, auth, with_instagram, after.as_ref()).await;
            let Some(page) = gathered.charge_or_skip(list, page) else { break };
            gathered.add(page.data, true);
            after = page.after;
            if after.is_none() {
                break;
            }
        }
    }
}

/// What was found so far, and what it cost.
#[derive(Default)]
struct Gathered {
    pages: Vec<ManagedPage>,
    places: HashMap<PageId, usize>,
    skipped: Vec<SkippedList>,
    usage: Usage,
    calls: u32,
    bytes: u64,
}

impl Gathered {
    fn charge<T>(&mut self, answer: Answer<T>) -> T {
        self.calls += answer.calls;
        self.bytes += answer.bytes;
        self.usage = answer.usage;
        answer.value
    }

    fn charge_or_skip<T>(&mut self, list: PageList, answer: Result<Answer<Page<T>>, GraphError>) -> Option<Page<T>> {
        match answer {
            Ok(answer) => Some(self.charge(answer)),
            Err(error) => {
                self.calls += error.calls;
                self.skipped.push(SkippedList { list, error });
                None
            }
        }
    }

    fn is_spent(&self) -> bool {
        self.calls >= MOST_CALLS
    }

    /// A Page that is there already is only replaced where it had no token and now has one.
    fn add(&mut self, pages: Vec<ManagedPage>, via_business: bool) {
        for page in pages {
            let page = ManagedPage { via_business, ..page };
            match self.places.entry(page.id.clone()) {
                Entry::Vacant(place) => {
                    place.insert(self.pages.len());
                    self.pages.push(page);
                }
                Entry::Occupied(place) => {
                    if let Some(known) = self.pages.get_mut(*place.get())
                        && known.token.is_none()
                        && page.token.is_some()
                    {
                        *known = page;
                    }
                }
            }
        }
    }

    fn answer(self) -> Answer<ManagedPages> {
        let truncated = self.is_spent();
        let value = ManagedPages { pages: self.pages, skipped: self.skipped, truncated };
        Answer { value, usage: self.usage, calls: self.calls, bytes: self.bytes }
    }
}

struct Business(String);

#[derive(Deserialize)]
struct WireBusiness {
    #[serde(default, deserialize_with = "lenient::text")]
    id: Option<String>,
}

impl Decode for Business {
    type Wire = WireBusiness;

    fn decode(wire: WireBusiness) -> Option<Self> {
        wire.id.map(Self)
    }
}
