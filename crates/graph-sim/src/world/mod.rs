//! The simulated world: people, Businesses, Pages and their inboxes.

pub(crate) mod config;
pub(crate) mod draw;
pub(crate) mod history;
pub(crate) mod ids;
pub(crate) mod inbox;
pub(crate) mod instagram;
pub(crate) mod message_change;
pub(crate) mod names;
pub(crate) mod posts;
pub(crate) mod records;
pub(crate) mod surface;
pub(crate) mod texts;
pub(crate) mod thread;
pub(crate) mod uploads;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::locks::{Mutex, RwLock};
use config::{PageConfig, Task, WorldConfig};
use draw::Draw;
use history::History;
use ids::{BusinessIndex, ConversationKey, Ids, PageIndex, PersonIndex};
use inbox::Inbox;
use instagram::{ContainerNumber, Instagram, MediaNumber};
use posts::{CommentNumber, PhotoNumber, PostNumber, Posts};
use records::{CustomerRecords, LabelNumber};
use surface::Surface;
use uploads::{VideoNumber, Videos};

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) epoch_ms: Millis,
    pub(crate) ids: Ids,
    pages: Vec<Page>,
    /// The inbox of each Page's Instagram account, which nobody sees while none is linked.
    accounts: Vec<Page>,
    people: Vec<Person>,
    businesses: Vec<Business>,
    page_by_id: HashMap<String, PageIndex>,
    roles: Mutex<HashMap<(PersonIndex, PageIndex), Role>>,
}

/// A Page, or the Instagram account that is linked to it: both have an inbox.
#[derive(Debug)]
pub(crate) struct Page {
    /// Tells which of both.
    pub(crate) index: PageIndex,
    pub(crate) id: String,
    pub(crate) category: String,
    pub(crate) category_id: String,
    pub(crate) business: Option<BusinessIndex>,
    pub(crate) draw: Draw,
    /// Shared by both.
    pub(crate) settings: Arc<RwLock<PageSettings>>,
    pub(crate) inbox: RwLock<Inbox>,
    pub(crate) records: RwLock<CustomerRecords>,
    pub(crate) posts: RwLock<Posts>,
    /// Of the linked account, if there is one.
    pub(crate) instagram: RwLock<Instagram>,
    pub(crate) videos: RwLock<Videos>,
}

/// What can be changed about a Page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PageSettings {
    pub(crate) name: String,
    pub(crate) deleted: bool,
    /// Nobody sees it but who manages it.
    #[serde(default)]
    pub(crate) unpublished: bool,
    /// Above 40 messages a second: its conversations cannot be listed.
    #[serde(default)]
    pub(crate) high_volume: bool,
    /// Fields of its profile that were written; an empty one has no value any more.
    #[serde(default)]
    pub(crate) profile: BTreeMap<String, String>,
    /// The base of the Page's hourly and daily limits; the number of conversations where not set.
    pub(crate) engaged_users: Option<u64>,
    /// User name of the Instagram account that is linked.
    #[serde(default)]
    pub(crate) instagram: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) index: PersonIndex,
    /// App-scoped.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Business {
    pub(crate) id: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) tasks: Vec<Task>,
    pub(crate) through_business: bool,
}

impl World {
    pub(crate) fn new(config: &WorldConfig, epoch_ms: Millis) -> Self {
        let ids = Ids::new(config.seed);
        let mut businesses: Vec<Business> = Vec::new();
        let mut pages = Vec::with_capacity(config.pages.len());
        let mut accounts = Vec::with_capacity(config.pages.len());
        for (number, page) in (0..PageIndex::MOST).zip(&config.pages) {
            let index = PageIndex(number);
            let business = page.business.as_ref().map(|name| {
                businesses.iter().position(|business| business.name == *name).unwrap_or_else(|| {
                    businesses.push(Business { id: ids.business(businesses.len()), name: name.clone() });
                    businesses.len() - 1
                })
            });
            let own = Page::new(config.seed, epoch_ms, index, ids.page(index), page, business);
            accounts.push(own.instagram_account(config.seed, epoch_ms, page));
            pages.push(own);
        }
        let people: Vec<_> = (0..=u16::MAX)
            .map(PersonIndex)
            .zip(&config.people)
            .map(|(index, person)| Person {
                index,
                id: ids.person(index),
                name: person.name.clone(),
                email: person.email.clone(),
            })
            .collect();
        let page_by_id = pages.iter().map(|page| (page.id.clone(), page.index)).collect();
        let roles = configured_roles(config);
        Self {
            seed: config.seed,
            epoch_ms,
            ids,
            pages,
            accounts,
            people,
            businesses,
            page_by_id,
            roles: Mutex::new(roles),
        }
    }

    pub(crate) fn pages(&self) -> &[Page] {
        &self.pages
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    /// Pages and the inboxes of Instagram accounts.
    pub(crate) fn inboxes(&self) -> impl Iterator<Item = &Page> {
        self.pages.iter().chain(&self.accounts)
    }

    pub(crate) fn page(&self, index: PageIndex) -> Option<&Page> {
        let pages = match index.surface() {
            Surface::Messenger => &self.pages,
            Surface::Instagram => &self.accounts,
        };
        pages.get(usize::from(index.owner().0))
    }

    /// The inbox of the linked account.
    pub(crate) fn instagram_inbox(&self, page: &Page) -> Option<&Page> {
        self.page(page.index.instagram()).filter(|account| account.is_linked())
    }

    /// Deleted Pages are not found.
    pub(crate) fn page_by_id(&self, id: &str) -> Option<&Page> {
        self.page_by_id.get(id).and_then(|index| self.page(*index)).filter(|page| !page.settings.read().deleted)
    }

    /// Also a deleted Page, and an Instagram account.
    pub(crate) fn any_page_by_id(&self, id: &str) -> Option<&Page> {
        let account = || Ids::parse_instagram(id).map(PageIndex::instagram);
        self.page_by_id.get(id).copied().or_else(account).and_then(|index| self.page(index))
    }

    pub(crate) fn person(&self, index: PersonIndex) -> Option<&Person> {
        self.people.get(usize::from(index.0))
    }

    pub(crate) fn person_by_id(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(crate) fn person_by_id_or_name(&self, text: &str) -> Option<&Person> {
        self.person_by_id(text).or_else(|| self.people.iter().find(|person| person.name == text))
    }

    pub(crate) fn business(&self, index: BusinessIndex) -> Option<&Business> {
        self.businesses.get(index)
    }

    pub(crate) fn business_by_id(&self, id: &str) -> Option<BusinessIndex> {
        self.businesses.iter().position(|business| business.id == id)
    }

    /// The first one of a person's Pages.
    pub(crate) fn business_of(&self, person: PersonIndex) -> Option<BusinessIndex> {
        self.roles_of(person).iter().find_map(|(page, _)| self.page(*page)?.business)
    }

    pub(crate) fn role(&self, person: PersonIndex, page: PageIndex) -> Option<Role> {
        self.roles.lock().get(&(person, page.owner())).cloned()
    }

    pub(crate) fn set_role(&self, person: PersonIndex, page: PageIndex, role: Option<Role>) {
        let mut roles = self.roles.lock();
        match role {
            Some(role) => roles.insert((person, page), role),
            None => roles.remove(&(person, page)),
        };
    }

    /// The person's Pages in the world's order.
    pub(crate) fn roles_of(&self, person: PersonIndex) -> Vec<(PageIndex, Role)> {
        let roles = self.roles.lock();
        let mut of_person: Vec<_> = roles
            .iter()
            .filter(|((who, _), _)| *who == person)
            .map(|((_, page), role)| (*page, role.clone()))
            .collect();
        of_person.sort_unstable_by_key(|(page, _)| *page);
        of_person
    }

    pub(crate) fn conversation_by_thread_id(&self, id: &str) -> Option<(&Page, u32)> {
        let key = self.ids.parse_thread(id)?;
        self.existing(key, Inbox::has_conversation)
    }

    pub(crate) fn customer_by_psid(&self, psid: &str) -> Option<(&Page, u32)> {
        let key = self.ids.parse_psid(psid)?;
        self.existing(key, Inbox::has_customer)
    }

    pub(crate) fn label_by_id(&self, id: &str) -> Option<(&Page, LabelNumber)> {
        self.numbered(Ids::parse_label(id)?, |page, number| page.records.read().label(number).is_some())
    }

    /// `{page}_{post}`
    pub(crate) fn post_by_id(&self, id: &str) -> Option<(&Page, PostNumber)> {
        let (page_id, post) = id.split_once('_')?;
        let page = self.page_by_id(page_id)?;
        let (owner, number) = Ids::parse_post(post)?;
        let exists = owner == page.index && page.posts.read().post(number).is_some();
        exists.then_some((page, number))
    }

    /// `{post}_{comment}`
    pub(crate) fn comment_by_id(&self, id: &str) -> Option<(&Page, CommentNumber)> {
        let (post, comment) = id.split_once('_')?;
        let (owner, post) = Ids::parse_post(post)?;
        let (same_owner, number) = Ids::parse_comment(comment)?;
        let page = self.page(owner)?;
        let exists =
            owner == same_owner && page.posts.read().comment(number).is_some_and(|comment| comment.post == post);
        exists.then_some((page, number))
    }

    /// The Page behind an Instagram account.
    pub(crate) fn instagram_by_id(&self, id: &str) -> Option<&Page> {
        self.page(Ids::parse_instagram(id)?).filter(|page| page.settings.read().instagram.is_some())
    }

    pub(crate) fn media_by_id(&self, id: &str) -> Option<(&Page, MediaNumber)> {
        self.numbered(Ids::parse_media(id)?, |page, number| page.instagram.read().media(number).is_some())
            .filter(|(page, _)| page.settings.read().instagram.is_some())
    }

    pub(crate) fn container_by_id(&self, id: &str) -> Option<(&Page, ContainerNumber)> {
        self.numbered(Ids::parse_container(id)?, |page, number| page.instagram.read().container(number).is_some())
    }

    pub(crate) fn persona_by_id(&self, id: &str) -> Option<(&Page, u32)> {
        self.numbered(Ids::parse_persona(id)?, |page, number| page.records.read().persona(number).is_some())
    }

    pub(crate) fn video_by_id(&self, id: &str) -> Option<(&Page, VideoNumber)> {
        self.numbered(Ids::parse_video(id)?, |page, number| page.videos.read().video(number).is_some())
    }

    pub(crate) fn photo_by_id(&self, id: &str) -> Option<(&Page, PhotoNumber)> {
        self.numbered(Ids::parse_photo(id)?, |page, number| page.posts.read().photo(number).is_some())
    }

    /// What the ids number within each Page.
    fn numbered(&self, id: (PageIndex, u32), exists: impl Fn(&Page, u32) -> bool) -> Option<(&Page, u32)> {
        let (page, number) = (self.page(id.0)?, id.1);
        exists(page, number).then_some((page, number))
    }

    fn existing(&self, key: ConversationKey, exists: impl Fn(&Inbox, u32) -> bool) -> Option<(&Page, u32)> {
        let page = self.page(key.page).filter(|page| page.is_linked())?;
        exists(&page.inbox.read(), key.index).then_some((page, key.index))
    }
}

impl Page {
    fn new(
        seed: u64,
        epoch_ms: Millis,
        index: PageIndex,
        id: String,
        config: &PageConfig,
        business: Option<BusinessIndex>,
    ) -> Self {
        let draw = Draw::seeded(seed).named("page").at(u64::from(index.0));
        let settings = PageSettings {
            name: config.name.clone(),
            deleted: false,
            unpublished: false,
            high_volume: false,
            profile: BTreeMap::new(),
            engaged_users: None,
            instagram: config.instagram.clone(),
        };
        let history = History::new(seed, index, epoch_ms, config.conversations, config.messages);
        Self {
            index,
            id,
            category: config.category.clone(),
            category_id: (1_000 + draw.named("category").below(9_000)).to_string(),
            business,
            draw,
            settings: Arc::new(RwLock::new(settings)),
            inbox: RwLock::new(Inbox::new(history)),
            records: RwLock::default(),
            posts: RwLock::new(Posts::new(draw, epoch_ms)),
            instagram: RwLock::new(Instagram::new(draw, epoch_ms)),
            videos: RwLock::default(),
        }
    }

    /// The account's inbox has a quarter of the Page's conversations.
    fn instagram_account(&self, seed: u64, epoch_ms: Millis, config: &PageConfig) -> Self {
        let config = PageConfig { conversations: config.conversations / 4, ..config.clone() };
        let account = Self::new(seed, epoch_ms, self.index.instagram(), Ids::instagram(self.index), &config, None);
        Self { settings: Arc::clone(&self.settings), ..account }
    }

    pub(crate) fn surface(&self) -> Surface {
        self.index.surface()
    }

    /// Whether its conversations can be seen.
    fn is_linked(&self) -> bool {
        self.surface() == Surface::Messenger || self.settings.read().instagram.is_some()
    }

    /// The account's user name.
    pub(crate) fn username(&self) -> String {
        self.settings.read().instagram.clone().unwrap_or_default()
    }

    pub(crate) fn name(&self) -> String {
        self.settings.read().name.clone()
    }

    pub(crate) fn conversation(&self, index: u32) -> ConversationKey {
        ConversationKey { page: self.index, index }
    }

    /// People whom the business can message.
    pub(crate) fn engaged_users(&self) -> u64 {
        /// Meta does not print a least number; small Pages could not be read at all without one.
        const LEAST: u64 = 100;
        let set = self.settings.read().engaged_users;
        set.unwrap_or_else(|| u64::from(self.inbox.read().conversation_count()).max(LEAST))
    }
}

fn configured_roles(config: &WorldConfig) -> HashMap<(PersonIndex, PageIndex), Role> {
    let people = (0..=u16::MAX).map(PersonIndex).zip(&config.people);
    people
        .flat_map(|(person, settings)| settings.roles.iter().map(move |role| (person, role)))
        .filter_map(|(person, role)| {
            let page = PageIndex(u16::try_from(role.page).ok().filter(|_| role.page < config.pages.len())?);
            Some(((person, page), Role { tasks: role.tasks.clone(), through_business: role.through_business }))
        })
        .collect()
}
