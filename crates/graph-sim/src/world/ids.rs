//! Meta's ids, made so that each can be read back: a million conversations need no table.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::draw::Draw;

/// Position of a Page in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PageIndex(pub(crate) u16);

/// Position of a person in the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PersonIndex(pub(crate) u16);

/// Position of a Business in the world.
pub(crate) type BusinessIndex = usize;

/// A conversation: one customer of one Page. Generated ones come first, see [`FIRST_NEW_CUSTOMER`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConversationKey {
    pub(crate) page: PageIndex,
    pub(crate) index: u32,
}

/// A message of a conversation. Generated ones come first, see [`FIRST_SENT_MESSAGE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MessageKey {
    pub(crate) conversation: ConversationKey,
    pub(crate) index: u32,
}

/// Customers who came while the simulator ran count from here, so that a world of another size keeps their ids.
pub(crate) const FIRST_NEW_CUSTOMER: u32 = 1 << 27;
/// Messages sent while the simulator ran count from here.
pub(crate) const FIRST_SENT_MESSAGE: u32 = 1 << 24;

const CONVERSATION_BITS: u32 = 28;
const CHECK_BITS: u32 = 8;
const HALF_BITS: u32 = 26;
const HALF_MASK: u64 = (1 << HALF_BITS) - 1;

#[derive(Debug, Clone)]
pub(crate) struct Ids {
    draw: Draw,
    psids: Cipher,
    threads: Cipher,
    mask: Draw,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        let draw = Draw::seeded(seed).named("ids");
        Self {
            draw,
            psids: Cipher(draw.named("psid")),
            threads: Cipher(draw.named("thread")),
            mask: draw.named("mask"),
        }
    }

    /// App-scoped id of a person: 17 digits.
    pub(crate) fn person(&self, index: PersonIndex) -> String {
        let draw = self.draw.named("person").at(u64::from(index.0));
        (10_100_000_000_000_000 + draw.below(900_000_000_000_000)).to_string()
    }

    /// 15 digits.
    pub(crate) fn page(&self, index: PageIndex) -> String {
        self.fifteen_digits("page", u64::from(index.0))
    }

    /// Of whom the person gave to the app for a Business.
    pub(crate) fn system_user(&self, person: PersonIndex) -> String {
        self.fifteen_digits("system user", u64::from(person.0))
    }

    pub(crate) fn business(&self, index: BusinessIndex) -> String {
        self.fifteen_digits("business", u64::try_from(index).unwrap_or(0))
    }

    fn fifteen_digits(&self, kind: &str, index: u64) -> String {
        (100_000_000_000_000 + self.draw.named(kind).at(index).below(800_000_000_000_000)).to_string()
    }

    /// Page-scoped id of a customer: 16 digits.
    pub(crate) fn psid(&self, key: ConversationKey) -> String {
        (PSID_BASE + self.psids.encrypt(pack(key))).to_string()
    }

    pub(crate) fn parse_psid(&self, psid: &str) -> Option<ConversationKey> {
        let number = digits(psid, 16)?.checked_sub(PSID_BASE)?;
        unpack(self.psids.decrypt(number)?)
    }

    /// 14 digits.
    pub(crate) fn label(page: PageIndex, label: u32) -> String {
        numbered(LABEL_BASE, page, label)
    }

    pub(crate) fn post(page: PageIndex, post: u32) -> String {
        numbered(POST_BASE, page, post)
    }

    pub(crate) fn parse_post(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(POST_BASE, id)
    }

    /// 17 digits.
    pub(crate) fn instagram(page: PageIndex) -> String {
        (INSTAGRAM_BASE + u64::from(page.0)).to_string()
    }

    pub(crate) fn parse_instagram(id: &str) -> Option<PageIndex> {
        let number = digits(id, 17)?.checked_sub(INSTAGRAM_BASE)?;
        u16::try_from(number).ok().map(PageIndex)
    }

    pub(crate) fn media(page: PageIndex, media: u32) -> String {
        numbered(MEDIA_BASE, page, media)
    }

    pub(crate) fn parse_media(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(MEDIA_BASE, id)
    }

    pub(crate) fn container(page: PageIndex, container: u32) -> String {
        numbered(CONTAINER_BASE, page, container)
    }

    pub(crate) fn parse_container(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(CONTAINER_BASE, id)
    }

    pub(crate) fn instagram_comment(page: PageIndex, comment: u32) -> String {
        numbered(INSTAGRAM_COMMENT_BASE, page, comment)
    }

    pub(crate) fn persona(page: PageIndex, persona: u32) -> String {
        numbered(PERSONA_BASE, page, persona)
    }

    pub(crate) fn parse_persona(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(PERSONA_BASE, id)
    }

    pub(crate) fn video(page: PageIndex, video: u32) -> String {
        numbered(VIDEO_BASE, page, video)
    }

    pub(crate) fn parse_video(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(VIDEO_BASE, id)
    }

    pub(crate) fn photo(page: PageIndex, photo: u32) -> String {
        numbered(PHOTO_BASE, page, photo)
    }

    pub(crate) fn parse_photo(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(PHOTO_BASE, id)
    }

    pub(crate) fn comment(page: PageIndex, comment: u32) -> String {
        numbered(COMMENT_BASE, page, comment)
    }

    pub(crate) fn parse_comment(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(COMMENT_BASE, id)
    }

    pub(crate) fn parse_label(id: &str) -> Option<(PageIndex, u32)> {
        parse_numbered(LABEL_BASE, id)
    }

    /// `t_` and 17 digits.
    pub(crate) fn thread(&self, key: ConversationKey) -> String {
        format!("t_{}", THREAD_BASE + self.threads.encrypt(pack(key)))
    }

    pub(crate) fn parse_thread(&self, id: &str) -> Option<ConversationKey> {
        let number = digits(id.strip_prefix("t_")?, 17)?.checked_sub(THREAD_BASE)?;
        unpack(self.threads.decrypt(number)?)
    }

    /// `m_` and 64 characters of base64url.
    pub(crate) fn message(&self, key: MessageKey) -> String {
        let tag = self.message_tag(key);
        let mask = self.message_mask(tag);
        let mut bytes = Vec::with_capacity(48);
        bytes.extend_from_slice(&tag.to_be_bytes());
        bytes.extend_from_slice(&(message_payload(key) ^ mask).to_be_bytes());
        for filler in 0..3_u64 {
            bytes.extend_from_slice(&self.draw.at(tag).at(filler).value().to_be_bytes());
        }
        let mut id = String::with_capacity(66);
        id.push_str("m_");
        URL_SAFE_NO_PAD.encode_string(bytes, &mut id);
        id
    }

    pub(crate) fn parse_message(&self, id: &str) -> Option<MessageKey> {
        let bytes = URL_SAFE_NO_PAD.decode(id.strip_prefix("m_")?).ok()?;
        let tag = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
        let masked = u128::from_be_bytes(bytes.get(8..24)?.try_into().ok()?);
        let key = parse_message_payload(masked ^ self.message_mask(tag))?;
        (self.message_tag(key) == tag && self.message(key) == id).then_some(key)
    }

    fn message_tag(&self, key: MessageKey) -> u64 {
        let conversation = key.conversation;
        self.draw.at(u64::from(conversation.page.0)).at(u64::from(conversation.index)).at(u64::from(key.index)).value()
    }

    fn message_mask(&self, tag: u64) -> u128 {
        let draw = self.mask.at(tag);
        u128::from(draw.value()) << 64 | u128::from(draw.at(1).value())
    }
}

/// Something that a Page has many of: 14 digits.
fn numbered(base: u64, page: PageIndex, number: u32) -> String {
    (base + (u64::from(page.0) << 24) + u64::from(number)).to_string()
}

fn parse_numbered(base: u64, id: &str) -> Option<(PageIndex, u32)> {
    let number = digits(id, 14)?.checked_sub(base)?;
    Some((PageIndex(u16::try_from(number >> 24).ok()?), u32::try_from(number & 0xff_ffff).ok()?))
}

const PERSONA_BASE: u64 = 10_000_000_000_000;
const LABEL_BASE: u64 = 20_000_000_000_000;
const POST_BASE: u64 = 30_000_000_000_000;
const COMMENT_BASE: u64 = 40_000_000_000_000;
const MEDIA_BASE: u64 = 50_000_000_000_000;
const CONTAINER_BASE: u64 = 60_000_000_000_000;
const VIDEO_BASE: u64 = 70_000_000_000_000;
const PHOTO_BASE: u64 = 80_000_000_000_000;
const INSTAGRAM_COMMENT_BASE: u64 = 90_000_000_000_000;
const INSTAGRAM_BASE: u64 = 17_841_400_000_000_000;
const PSID_BASE: u64 = 2_000_000_000_000_000;
const THREAD_BASE: u64 = 10_000_000_000_000_000;

fn digits(text: &str, length: usize) -> Option<u64> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// 52 bits: Page, conversation, and zeros that show whether an id is one of ours.
fn pack(key: ConversationKey) -> u64 {
    (u64::from(key.page.0) << CONVERSATION_BITS | u64::from(key.index)) << CHECK_BITS
}

fn unpack(packed: u64) -> Option<ConversationKey> {
    if packed & ((1 << CHECK_BITS) - 1) != 0 {
        return None;
    }
    let packed = packed >> CHECK_BITS;
    Some(ConversationKey {
        page: PageIndex(u16::try_from(packed >> CONVERSATION_BITS).ok()?),
        index: u32::try_from(packed & ((1 << CONVERSATION_BITS) - 1)).ok()?,
    })
}

fn message_payload(key: MessageKey) -> u128 {
    u128::from(key.conversation.page.0) << 64 | u128::from(key.conversation.index) << 32 | u128::from(key.index)
}

fn parse_message_payload(payload: u128) -> Option<MessageKey> {
    Some(MessageKey {
        conversation: ConversationKey {
            page: PageIndex(u16::try_from(payload >> 64).ok()?),
            index: u32::try_from((payload >> 32) & u128::from(u32::MAX)).ok()?,
        },
        index: u32::try_from(payload & u128::from(u32::MAX)).ok()?,
    })
}

/// A keyed permutation of 52-bit numbers (a Feistel network), so that ids look random and can be read back.
#[derive(Debug, Clone, Copy)]
struct Cipher(Draw);

impl Cipher {
    const ROUNDS: u64 = 4;

    fn encrypt(self, value: u64) -> u64 {
        let (mut left, mut right) = (value >> HALF_BITS, value & HALF_MASK);
        for round in 0..Self::ROUNDS {
            (left, right) = (right, left ^ self.round(round, right));
        }
        left << HALF_BITS | right
    }

    fn decrypt(self, value: u64) -> Option<u64> {
        let (mut left, mut right) = (value >> HALF_BITS, value & HALF_MASK);
        if left > HALF_MASK {
            return None;
        }
        for round in (0..Self::ROUNDS).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        Some(left << HALF_BITS | right)
    }

    fn round(self, round: u64, half: u64) -> u64 {
        self.0.at(round).at(half).value() & HALF_MASK
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_reads_back(seed: u64, page: u16, index in 0_u32..1 << 28, message: u32) {
            let ids = Ids::new(seed);
            let conversation = ConversationKey { page: PageIndex(page), index };
            let key = MessageKey { conversation, index: message };
            prop_assert_eq!(ids.parse_psid(&ids.psid(conversation)), Some(conversation));
            prop_assert_eq!(ids.parse_thread(&ids.thread(conversation)), Some(conversation));
            prop_assert_eq!(ids.parse_message(&ids.message(key)), Some(key));
            prop_assert_eq!(ids.psid(conversation).len(), 16);
            prop_assert_eq!(ids.thread(conversation).len(), 19);
        }

        #[test]
        fn foreign_ids_are_refused(text in "\\PC{0,80}") {
            let ids = Ids::new(1);
            prop_assert_eq!(ids.parse_message(&format!("m_{text}")), None);
            prop_assert_eq!(ids.parse_thread(&text), None);
        }
    }
}
