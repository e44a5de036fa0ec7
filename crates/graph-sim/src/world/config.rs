//! Who and what exists in the simulated world.

use serde::{Deserialize, Serialize};

/// People, their Pages and the size of each Page's inbox. Everything inside is generated from the seed when it is asked for.
#[derive(Debug, Clone)]
pub struct WorldConfig {
    pub seed: u64,
    /// The moment before which all generated messages lie; the simulated time at the start where not given.
    pub epoch_ms: Option<i64>,
    /// At most 65,536.
    pub pages: Vec<PageConfig>,
    pub people: Vec<PersonConfig>,
}

#[derive(Debug, Clone)]
pub struct PageConfig {
    pub name: String,
    pub category: String,
    /// Generated conversations, at most 100,000,000.
    pub conversations: u32,
    pub messages: MessageCount,
    /// Name of the Business that owns the Page.
    pub business: Option<String>,
    /// User name of the Instagram professional account that is linked to it.
    pub instagram: Option<String>,
}

/// Generated messages per conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageCount {
    Exactly(u32),
    /// Between 1 and the number, different in each conversation.
    UpTo(u32),
}

#[derive(Debug, Clone)]
pub struct PersonConfig {
    pub name: String,
    pub email: Option<String>,
    pub roles: Vec<RoleConfig>,
}

/// What a person may do with a Page.
#[derive(Debug, Clone)]
pub struct RoleConfig {
    /// Position in [`WorldConfig::pages`].
    pub page: usize,
    pub tasks: Vec<Task>,
    /// The role comes through the Page's Business only: without `business_management` the Page is not listed.
    pub through_business: bool,
}

/// Tasks of a role, as `/me/accounts` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Task {
    Analyze,
    Advertise,
    Messaging,
    Moderate,
    CreateContent,
    Manage,
}

impl Task {
    pub const ALL: [Self; 6] =
        [Self::Analyze, Self::Advertise, Self::Messaging, Self::Moderate, Self::CreateContent, Self::Manage];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Analyze => "ANALYZE",
            Self::Advertise => "ADVERTISE",
            Self::Messaging => "MESSAGING",
            Self::Moderate => "MODERATE",
            Self::CreateContent => "CREATE_CONTENT",
            Self::Manage => "MANAGE",
        }
    }
}

/// Sizes of the demo world's person with many Pages.
#[derive(Debug, Clone, Copy)]
pub struct DemoSizes {
    pub pages: u16,
    pub conversations: u32,
    pub messages: u32,
}

impl Default for DemoSizes {
    fn default() -> Self {
        Self { pages: 20, conversations: 500, messages: 20 }
    }
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self::demo(DemoSizes::default())
    }
}

impl WorldConfig {
    /// A few people with different Pages, for a person who looks around.
    pub fn demo(sizes: DemoSizes) -> Self {
        let mut pages = vec![
            PageConfig {
                instagram: Some("pho.nha.linh".to_owned()),
                ..page("Phở Nhà Linh", "Vietnamese Restaurant", 60, MessageCount::UpTo(30))
            },
            page("Smørrebrød & Søn", "Danish Restaurant", 40, MessageCount::UpTo(30)),
            PageConfig {
                business: Some("Linh Holding".to_owned()),
                ..page("Bánh Mì Express", "Sandwich Shop", 25, MessageCount::UpTo(30))
            },
            page("Cykelhuset Aarhus", "Bicycle Shop", 30, MessageCount::UpTo(20)),
            page("Café Aleppo", "Coffee Shop", 15, MessageCount::UpTo(20)),
        ];
        let first_mall_shop = pages.len();
        pages.extend((1..=sizes.pages).map(|number| {
            let name = format!("Mall Shop {number:02}");
            page(&name, "Shopping & Retail", sizes.conversations, MessageCount::Exactly(sizes.messages))
        }));
        let mall_roles = (first_mall_shop..pages.len()).map(role).collect();
        let people = vec![
            person("Linh Trần", vec![role(0), role(1), RoleConfig { through_business: true, ..role(2) }]),
            person("Noah Pedersen", Vec::new()),
            person("Mia Østergaard", vec![RoleConfig { tasks: vec![Task::Analyze, Task::CreateContent], ..role(3) }]),
            person("Sofia Nguyễn", mall_roles),
            person("Omar Haddad", vec![role(0), role(4)]),
        ];
        Self { seed: 1, epoch_ms: None, pages, people }
    }

    /// One person, "Test Person", with full roles on Pages "Page 1", "Page 2", … of exact sizes.
    pub fn simple(pages: u16, conversations: u32, messages: u32) -> Self {
        let pages: Vec<_> = (1..=pages)
            .map(|number| {
                page(&format!("Page {number}"), "Local Business", conversations, MessageCount::Exactly(messages))
            })
            .collect();
        let roles = (0..pages.len()).map(role).collect();
        Self { seed: 1, epoch_ms: None, pages, people: vec![person("Test Person", roles)] }
    }
}

fn page(name: &str, category: &str, conversations: u32, messages: MessageCount) -> PageConfig {
    PageConfig {
        name: name.to_owned(),
        category: category.to_owned(),
        conversations,
        messages,
        business: None,
        instagram: None,
    }
}

fn role(page: usize) -> RoleConfig {
    RoleConfig { page, tasks: Task::ALL.to_vec(), through_business: false }
}

fn person(name: &str, roles: Vec<RoleConfig>) -> PersonConfig {
    let email = name.split_whitespace().next().map(|first| {
        let plain: String = first.chars().filter(char::is_ascii_alphabetic).collect();
        format!("{}@example.com", plain.to_ascii_lowercase())
    });
    PersonConfig { name: name.to_owned(), email, roles }
}
