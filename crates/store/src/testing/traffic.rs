use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use pagekeeper_common::domain::ids::{AccountId, ConnectionId, Mid, Psid};

use super::PlainUpserts;
use crate::error::StoreError;
use crate::messages::{ConversationUpsert, MessageUpsert, StoreBatch};

/// Messages of one transaction.
const BATCH: usize = 1_000;

/// A customer's message, as benches make it up.
#[derive(Debug, Clone)]
pub struct TestMessage {
    pub psid: String,
    pub mid: String,
    pub at_ms: i64,
    pub text: String,
}

#[expect(clippy::expect_used, reason = "a bench that makes up something invalid must fail at once")]
impl TestMessage {
    /// The `number`-th message, from the `person`-th customer: always the same.
    pub fn new(number: usize, person: usize) -> Self {
        Self {
            psid: format!("7{person:015}"),
            mid: format!("m_{number:x}_{:032x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            at_ms: 1_760_000_000_000 + i64::try_from(number).unwrap_or_default() * 10,
            text: format!("Xin chào, do you still have the {number} in blue? It is for my sister's birthday."),
        }
    }

    /// As a batch of one owner's.
    ///
    /// # Panics
    ///
    /// When a message was made up that has no valid ids.
    pub fn batch(messages: &[Self], (account_id, connection_id): (AccountId, ConnectionId)) -> StoreBatch {
        let mut batch = StoreBatch::new();
        for message in messages {
            let sent_at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::milliseconds(message.at_ms);
            let conversation = batch.push_conversation(ConversationUpsert {
                account_id,
                connection_id,
                psid: Psid::parse(message.psid.as_str()).expect("a PSID"),
                name: None,
                thread_id: None,
                updated_at: sent_at,
                read_up_to: None,
            });
            batch.push_message(MessageUpsert {
                conversation,
                mid: Mid::parse(message.mid.as_str()).expect("a message id"),
                from_page: false,
                sent_at,
                text: Some(message.text.clone()),
                attachments: Vec::new(),
                media: Vec::new(),
                app_id: None,
                reply_to_mid: None,
            });
        }
        batch
    }
}

impl PlainUpserts {
    /// Stores the messages, a thousand in one transaction; answers how long that took.
    pub async fn store_all(
        &mut self,
        messages: &[TestMessage],
        owner: (AccountId, ConnectionId),
    ) -> Result<Duration, StoreError> {
        let batches: Vec<StoreBatch> = messages.chunks(BATCH).map(|part| TestMessage::batch(part, owner)).collect();
        let started = Instant::now();
        for batch in &batches {
            self.store(batch).await?;
        }
        Ok(started.elapsed())
    }
}
