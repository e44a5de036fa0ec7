//! Whom an entry of a webhook belongs to.

use super::ids::{InstagramAccountId, PageId};

/// The Page, or the Instagram account, that Meta names in an entry. Their ids may not be mixed up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntryOwner {
    Page(PageId),
    Instagram(InstagramAccountId),
}

impl EntryOwner {
    /// What the envelope's `object` calls them.
    pub const PAGE: &'static str = "page";
    pub const INSTAGRAM: &'static str = "instagram";

    /// None for other objects, and for what is no id of Meta.
    pub fn parse(object: &str, id: &str) -> Option<Self> {
        match object {
            Self::PAGE => PageId::parse(id).ok().map(Self::Page),
            Self::INSTAGRAM => InstagramAccountId::parse(id).ok().map(Self::Instagram),
            _ => None,
        }
    }

    pub fn object(&self) -> &'static str {
        match self {
            Self::Page(_) => Self::PAGE,
            Self::Instagram(_) => Self::INSTAGRAM,
        }
    }

    pub fn id(&self) -> &str {
        match self {
            Self::Page(id) => id.as_str(),
            Self::Instagram(id) => id.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_named_by_its_object_and_its_id() {
        for object in [EntryOwner::PAGE, EntryOwner::INSTAGRAM] {
            let owner = EntryOwner::parse(object, "17").unwrap();
            assert_eq!((owner.object(), owner.id()), (object, "17"));
        }
        assert_ne!(EntryOwner::parse("page", "17"), EntryOwner::parse("instagram", "17"));
        assert_eq!((EntryOwner::parse("user", "17"), EntryOwner::parse("page", "")), (None, None));
    }
}
