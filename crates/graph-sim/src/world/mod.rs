//! The simulated world: people, Businesses, Pages and their inboxes.

pub(crate) mod config;
pub(crate) mod draw;
pub(crate) mod history;
pub(crate) mod ids;
pub(crate) mod inbox;
pub(crate) mod instagram;
pub(crate) mod names;
pub(crate) mod posts;
pub(crate) mod records;
pub(crate) mod texts;
pub(crate) mod thread;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::locks::{Mutex, RwLock};
use config::{Task, WorldConfig};
use draw::Draw;
use history::History;
use ids::{ConversationKey, Ids, PageIndex, PersonIndex};
use inbox::Inbox;
use instagram::{ContainerNumber, Instagram, MediaNumber};
use posts::{CommentNumber, PostNumber, Posts};
use records::{CustomerRecords, LabelNumber};

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) epoch_ms: Millis,
    pub(crate) ids: Ids,
    pages: Vec<Page>,
    people: Vec<Person>,
    businesses: Vec<Business>,
    page_by_id: HashMap<String, PageIndex>,
    roles: Mutex<HashMap<(PersonIndex, PageIndex), Role>>,
}

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) index: PageIndex,
    pub(crate) id: String,
    pub(crate) category: String,
    pub(crate) category_id: String,
    pub(crate) business: Option<usize>,
    pub(crate) draw: Draw,
    pub(crate) settings: RwLock<PageSettings>,
    pub(crate) inbox: RwLock<Inbox>,
    pub(crate) records: RwLock<CustomerRecords>,
    pub(crate) posts: RwLock<Posts>,
    /// Of the linked account, if there is one.
    pub(crate) instagram: RwLock<Instagram>,
}

/// What can be changed about a Page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PageSettings {
    pub(crate) name: String,
    pub(crate) deleted: bool,
    /// Nobody sees it but who manages it.
    #[serde(default)]
    pub(crate) unpublished: bool,
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
        for (number, page) in (0..=u16::MAX).zip(&config.pages) {
            let index = PageIndex(number);
            let business = page.business.as_ref().map(|name| {
                businesses.iter().position(|business| business.name == *name).unwrap_or_else(|| {
                    businesses.push(Business { id: ids.business(businesses.len()), name: name.clone() });
                    businesses.len() - 1
                })
            });
            let draw = Draw::seeded(config.seed).named("page").at(u64::from(number));
            let history = History::new(config.seed, index, epoch_ms, page.conversations, page.messages);
            pages.push(Page {
                index,
                id: ids.page(index),
                category: page.category.clone(),
                category_id: (1_000 + draw.named("category").below(9_000)).to_string(),
                business,
                draw,
                settings: RwLock::new(PageSettings {
                    name: page.name.clone(),
                    deleted: false,
                    unpublished: false,
                    profile: BTreeMap::new(),
                    engaged_users: None,
                    instagram: page.instagram.clone(),
                }),
                inbox: RwLock::new(Inbox::new(history)),
                records: RwLock::default(),
                posts: RwLock::new(Posts::new(draw, epoch_ms)),
                instagram: RwLock::new(Instagram::new(draw, epoch_ms)),
            });
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
        Self { seed: config.seed, epoch_ms, ids, pages, people, businesses, page_by_id, roles: Mutex::new(roles) }
    }

    pub(crate) fn pages(&self) -> &[Page] {
        &self.pages
    }

    pub(crate) fn people(&self) -> &[Person] {
        &self.people
    }

    pub(crate) fn page(&self, index: PageIndex) -> Option<&Page> {
        self.pages.get(usize::from(index.0))
    }

    /// Deleted Pages are not found.
    pub(crate) fn page_by_id(&self, id: &str) -> Option<&Page> {
        self.page_by_id.get(id).and_then(|index| self.page(*index)).filter(|page| !page.settings.read().deleted)
    }

    pub(crate) fn any_page_by_id(&self, id: &str) -> Option<&Page> {
        self.page_by_id.get(id).and_then(|index| self.page(*index))
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

    pub(crate) fn business(&self, index: usize) -> Option<&Business> {
        self.businesses.get(index)
    }

    pub(crate) fn business_by_id(&self, id: &str) -> Option<usize> {
        self.businesses.iter().position(|business| business.id == id)
    }

    pub(crate) fn role(&self, person: PersonIndex, page: PageIndex) -> Option<Role> {
        self.roles.lock().get(&(person, page)).cloned()
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
        let (page, label) = Ids::parse_label(id)?;
        let page = self.page(page)?;
        let exists = page.records.read().label(label).is_some();
        exists.then_some((page, label))
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
        let (page, number) = Ids::parse_media(id)?;
        let page = self.page(page).filter(|page| page.settings.read().instagram.is_some())?;
        let exists = page.instagram.read().media(number).is_some();
        exists.then_some((page, number))
    }

    pub(crate) fn container_by_id(&self, id: &str) -> Option<(&Page, ContainerNumber)> {
        let (page, number) = Ids::parse_container(id)?;
        let page = self.page(page)?;
        let exists = page.instagram.read().container(number).is_some();
        exists.then_some((page, number))
    }

    fn existing(&self, key: ConversationKey, exists: impl Fn(&Inbox, u32) -> bool) -> Option<(&Page, u32)> {
        let page = self.page(key.page)?;
        exists(&page.inbox.read(), key.index).then_some((page, key.index))
    }
}

impl Page {
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
